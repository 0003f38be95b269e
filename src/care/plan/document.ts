import { fail, ok, type Result } from '../../base/errors.ts';
import { planView } from '../../fhir/plan-view.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Reader, Sql } from '../../store/types.ts';
import { documentHtml } from './document-html.ts';
import { loadPlan } from './load-plan.ts';

export interface PlanDocument {
  title: string;
  /** A whole XHTML page: no script, nothing loaded from elsewhere, no time of rendering. */
  html: string;
}

/** Of some records those that may leave the house, without references to the others. `within`: the transaction in which it is asked. */
export type Shown = (resources: readonly Resource[], within?: Sql) => Promise<Resource[]>;

/**
 * Renders a shared plan for printing and for the hospitals' document folders. Equal content gives equal text, so a receiver gets a
 * new document only when something changed. What is labelled confidential is left out. Error: `not-found`.
 */
export async function renderPlanDocument(
  reader: Reader,
  planId: string,
  shown: Shown = async (resources) => [...resources],
): Promise<Result<PlanDocument>> {
  const resources = await loadPlan(reader, planId);
  if (!resources.ok) return resources;
  const view = planView(planId, await shown(resources.value));
  if (!view) return fail('not-found', 'There is no such shared plan here.');
  return ok({ title: view.title, html: documentHtml(view) });
}

import { ok, type Result } from '../../base/errors.ts';
import { childOf } from '../../care/child.ts';
import { activePlanOf } from '../../care/plan/active-plan.ts';
import { chartTypes } from '../../care/plan/chart-types.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isSync } from '../../store/sync-actor.ts';
import type { Tx, WriteConclusion } from '../../store/types.ts';
import { queueWriteBack, sitesTaking } from './outbox.ts';

/**
 * Queues the plan document of a child whose shared plan may read differently now. What is sent is made at that time, and
 * nothing is sent when the document says the same as the one the site has. During a sync the run itself does this, once.
 */
export const planDocumentConclusion: WriteConclusion = {
  name: 'ehr-plan-document',
  async conclude(changes, tx) {
    if (isSync(tx.actor)) return ok(undefined);
    const ours = changes
      .filter(({ type }) => chartTypes.includes(type))
      .filter(({ before, after }) => !isMirror(after ?? before ?? {}));
    const named = ours.flatMap(({ before, after, patients = [] }) => childOf(after ?? before) ?? patients);
    const children = new Set(named);
    const sites = await sitesTaking(tx.own, 'plan-document', [...children]);
    for (const child of [...children].sort()) {
      const queued = await queuePlan(tx, child, sites.get(child) ?? []);
      if (!queued.ok) return queued;
    }
    return ok(undefined);
  },
};

/** Queues the document of a child's active plan for one site, when that takes it. */
export async function queuePlanFor(tx: Tx, patientId: string, site: string): Promise<Result<void>> {
  const sites = (await sitesTaking(tx.own, 'plan-document', [patientId])).get(patientId) ?? [];
  return queuePlan(tx, patientId, sites.includes(site) ? [site] : []);
}

async function queuePlan(tx: Tx, patientId: string, wanted: readonly string[]): Promise<Result<void>> {
  if (wanted.length === 0) return ok(undefined);
  const planId = await activePlanOf(tx.own, patientId);
  if (planId === undefined) return ok(undefined);
  for (const site of wanted) {
    await queueWriteBack(tx, { site, kind: 'plan-document', type: 'CarePlan', resourceId: planId, patientId });
  }
  return ok(undefined);
}

import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { type Store, seesAll } from '../../store/types.ts';
import { isCalendarYear } from '../period.ts';
import type { Period, ReadyMeasure } from '../types.ts';
import { evaluateChild } from './evaluate-child.ts';
import { type ChildResult, currentResults } from './results.ts';
import { everything, toResource } from './slice.ts';

/** True for a record that was merged into another: counting it would count the child twice. */
function isReplaced(json: string): boolean {
  const { link } = toResource(json);
  return Array.isArray(link) && link.some((entry: { type?: string } | null) => entry?.type === 'replaced-by');
}

export interface PopulationContext {
  store: Store;
  clock: Clock;
  requestId: string;
}

/**
 * The measure's results for one batch of children: kept ones that still hold, the others evaluated now. Answers with the place
 * where the next batch starts; undefined after the last.
 */
export async function evaluateBatch(
  context: PopulationContext,
  measure: ReadyMeasure,
  period: Period,
  cursor: string | undefined,
  visit: (result: ChildResult) => void,
): Promise<Result<string | undefined>> {
  const { store, clock } = context;
  const page = await store.search(everything('Patient', cursor, limits.measures.subjectsPerBatch), seesAll);
  if (!page.ok) return page;
  const ids = page.value.matches.filter(({ json }) => !isReplaced(json)).map(({ id }) => id);
  const today = clock.now().toISOString().slice(0, 10);
  const kept = isCalendarYear(period) ? await currentResults(store, measure, period, ids, today) : [];
  const byId = new Map(kept.map((result) => [result.patientId, result]));
  for (const id of ids) {
    const known = byId.get(id);
    const result = known ? ok(known) : await evaluateChild(context, measure, id, period);
    if (!result.ok) return result;
    if (result.value) visit(result.value);
  }
  return ok(page.value.next);
}

/** The same for all children, batch by batch: `visit` gets every child once, and nothing is held in memory but one batch. */
export async function evaluatePopulation(
  context: PopulationContext,
  measure: ReadyMeasure,
  period: Period,
  visit: (result: ChildResult) => void,
): Promise<Result<void>> {
  let cursor: string | undefined;
  do {
    const next = await evaluateBatch(context, measure, period, cursor, visit);
    if (!next.ok) return next;
    cursor = next.value;
  } while (cursor !== undefined);
  return ok(undefined);
}

import { limits } from '../../base/limits.ts';
import type { Sql } from '../../store/types.ts';
import { isCalendarYear } from '../period.ts';
import type { Period } from '../types.ts';
import { dayOf } from './day.ts';
import { type Evaluating, evaluateChildren } from './evaluate-children.ts';
import type { PreparedMeasure } from './prepared.ts';
import { type ChildResult, currentResults } from './results.ts';

/** The next children who count, by id; of some only. */
export async function nextChildren(
  sql: Sql,
  after: string,
  count: number,
  subjects?: readonly string[],
): Promise<string[]> {
  const rows = await sql.query<{ patient_id: string }>(
    `SELECT patient_id FROM measure_child
      WHERE patient_id > $1 AND present AND ($3::text[] IS NULL OR patient_id = ANY ($3)) ORDER BY patient_id LIMIT $2`,
    [after, count, subjects ?? null],
    'measure-next-children',
  );
  return rows.map(({ patient_id }) => patient_id);
}

/**
 * One measure's results for all children, batch by batch: kept ones that still hold, the others evaluated now. `visit` gets every
 * child once, and nothing is held in memory but one batch.
 */
export async function evaluatePopulation(
  context: Evaluating,
  measure: PreparedMeasure,
  period: Period,
  visit: (result: ChildResult) => void,
  subjects?: readonly string[],
): Promise<void> {
  let after = '';
  for (;;) {
    const ids = await nextChildren(context.store, after, limits.measures.subjectsPerBatch, subjects);
    const last = ids.at(-1);
    if (last === undefined) return;
    for (const result of await resultsOf(context, measure, period, ids)) visit(result);
    after = last;
  }
}

/** The results of these children, in the order of their ids. */
async function resultsOf(
  context: Evaluating,
  measure: PreparedMeasure,
  period: Period,
  ids: readonly string[],
): Promise<ChildResult[]> {
  const fresh = await evaluateChildren(context, [measure], period, ids);
  const found = new Map<string, ChildResult>(fresh.map((result) => [result.patientId, result]));
  const others = ids.filter((id) => !found.has(id));
  if (others.length > 0 && isCalendarYear(period)) {
    const today = dayOf(context.clock.now(), context.zone);
    const kept = await currentResults(context.store, { period, today }, measure, others);
    for (const result of kept) found.set(result.patientId, result);
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}

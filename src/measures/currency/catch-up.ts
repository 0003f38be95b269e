import { limits } from '../../base/limits.ts';
import type { Period } from '../types.ts';
import { dayOf } from './day.ts';
import { type Evaluating, evaluateChildren } from './evaluate-children.ts';
import type { PreparedMeasure } from './prepared.ts';
import { isCurrent } from './results.ts';

/**
 * Evaluates the children whose answer to this measure is out of date or not there yet, for at most `patienceMs`. Answers with how many
 * were evaluated.
 */
export async function catchUp(
  context: Evaluating,
  measure: PreparedMeasure,
  period: Period,
  options: { subjects?: readonly string[]; patienceMs?: number; progress?: (children: number) => void } = {},
): Promise<number> {
  const { subjects, patienceMs = limits.measures.patienceMs, progress } = options;
  const until = performance.now() + patienceMs;
  let after = '';
  let evaluated = 0;
  while (performance.now() < until) {
    const ids = await behind(context, measure, period, subjects, after);
    const last = ids.at(-1);
    if (last === undefined) break;
    await evaluateChildren(context, [measure], period, ids);
    evaluated += ids.length;
    progress?.(evaluated);
    after = last;
  }
  return evaluated;
}

/** The next children, by id, without a result that holds. */
async function behind(
  { store, clock, zone }: Evaluating,
  { name, logicHash }: PreparedMeasure,
  { start, end }: Period,
  subjects: readonly string[] | undefined,
  after: string,
): Promise<string[]> {
  const today = dayOf(clock.now(), zone);
  const values = [name, start, end, today, logicHash, subjects ?? null, after, limits.measures.subjectsPerBatch];
  const rows = await store.query<{ patient_id: string }>(behindText, values, 'measure-behind');
  return rows.map(({ patient_id }) => patient_id);
}

const behindText = `
  SELECT c.patient_id FROM measure_child c
   WHERE c.present AND c.patient_id > $7 AND ($6::text[] IS NULL OR c.patient_id = ANY ($6))
     AND NOT EXISTS (SELECT FROM measure_result r WHERE r.measure = $1 AND r.period_start = $2 AND r.period_end = $3
                        AND r.patient_id = c.patient_id AND ${isCurrent('$4', '$5')})
   ORDER BY c.patient_id LIMIT $8`;

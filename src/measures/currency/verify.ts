import type { Logger } from '../../base/log.ts';
import type { Sql } from '../../store/types.ts';
import { saysStopped } from '../stopped.ts';
import type { Period } from '../types.ts';
import { dayOf } from './day.ts';
import { type Evaluating, evaluateChildren } from './evaluate-children.ts';
import type { PreparedMeasure } from './prepared.ts';
import { childStates, isCurrent } from './results.ts';

/** What came of computing kept answers once more, from nothing but the records. */
export interface Verification {
  /** Answers (children times measures) that counted as current and were computed again. */
  checked: number;
  /** Of them, those that came out otherwise, by measure. They are repaired. Nothing but zero is expected. */
  differing: Map<string, number>;
}

/**
 * Evaluates these children anew and compares with what is kept as current. What differs is counted and replaced. A child whose record
 * changes meanwhile is not judged.
 */
export async function verifyChildren(
  context: Evaluating,
  measures: readonly PreparedMeasure[],
  period: Period,
  patientIds: readonly string[],
  into: Verification,
): Promise<void> {
  const today = dayOf(context.clock.now(), context.zone);
  const held = await heldAnswers(context.store, { period, today }, measures, patientIds);
  const fresh = await evaluateChildren(context, measures, period, patientIds, { anew: true });
  const suspects: { measure: string; patientId: string; revision: string }[] = [];
  for (const { measure, patientId, answer, failure } of fresh) {
    const before = held.get(`${measure.name} ${patientId}`);
    if (!before) continue;
    // What was stopped says nothing of the record.
    if (saysStopped(before.failure) || saysStopped(failure)) continue;
    into.checked += 1;
    const isSame = before.answer === (answer?.key ?? null) && before.failure === (failure ?? null);
    if (!isSame) suspects.push({ measure: measure.name, patientId, revision: before.revision });
  }
  if (suspects.length === 0) return;
  const now = await childStates(context.store, { period, today }, measures, [
    ...new Set(suspects.map(({ patientId }) => patientId)),
  ]);
  for (const { measure, patientId, revision } of suspects) {
    if (now.get(patientId)?.revision !== revision) continue;
    into.differing.set(measure, (into.differing.get(measure) ?? 0) + 1);
  }
}

/** Says what was found, by measure and number only. */
export function logDifferences(log: Logger, { checked, differing }: Verification): void {
  for (const [measure, answers] of differing)
    log.error({ measure, answers }, 'kept answers differed from a full computation and were repaired');
  log.info({ checked }, 'kept answers were computed again');
}

async function heldAnswers(
  sql: Sql,
  { period, today }: { period: Period; today: string },
  measures: readonly PreparedMeasure[],
  patientIds: readonly string[],
) {
  const rows = await sql.query<{
    name: string;
    answer: string | null;
    failure: string | null;
    revision: string;
  }>(
    `SELECT r.measure || ' ' || r.patient_id AS name, r.answer, r.failure, c.revision::text AS revision
       FROM measure_result r JOIN measure_child c ON c.patient_id = r.patient_id
       JOIN unnest($5::text[], $6::text[]) AS m (name, logic) ON m.name = r.measure
      WHERE r.patient_id = ANY ($1::text[]) AND c.present AND r.period_start = $2 AND r.period_end = $3 AND ${isCurrent('$4', 'm.logic')}`,
    [
      patientIds,
      period.start,
      period.end,
      today,
      measures.map(({ name }) => name),
      measures.map(({ logicHash }) => logicHash),
    ],
    'measure-held',
  );
  return new Map(rows.map(({ name, ...row }) => [name, row]));
}

import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import type { Actor, Store } from '../../store/types.ts';
import { readsToday } from '../engine/elm.ts';
import { evaluateSubject } from '../evaluate-subject.ts';
import { isCalendarYear } from '../period.ts';
import type { Period, ReadyMeasure } from '../types.ts';
import { type ChildResult, type NewResult, removeResults, revisionOf, saveResult } from './results.ts';
import { readSlice } from './slice.ts';

const oneDayMs = 24 * 3600 * 1000;

/**
 * Reads one child's slice, evaluates the measure on it, and keeps the result when the period is a calendar year. Undefined when
 * there is no such child. What is odd in a record becomes that child's `failure`; a Result error means the store could not answer.
 */
export async function evaluateChild(
  { store, clock, requestId }: { store: Store; clock: Clock; requestId: string },
  measure: ReadyMeasure,
  patientId: string,
  period: Period,
): Promise<Result<ChildResult | undefined>> {
  const actor: Actor = { kind: 'system', id: 'measures', requestId };
  const revision = await revisionOf(store, measure.name, patientId);
  const slice = await readSlice(store, measure.retrieves, patientId);
  if (!slice.ok) return slice;
  if (!slice.value) {
    await store.transact(actor, async (tx) => ok(await removeResults(tx, patientId)));
    return ok(undefined);
  }
  const { resources, inputHash } = slice.value;
  const evaluated = await evaluateSubject(measure, resources, period);
  const now = clock.now();
  const result: NewResult = { patientId, inputHash, evaluatedAt: now };
  if (evaluated.ok) result.groups = evaluated.value.groups;
  else result.failure = evaluated.error.issues[0]?.text ?? 'The measure could not be evaluated.';
  if (readsToday(measure.elm)) result.nextChangeDate = new Date(now.getTime() + oneDayMs).toISOString().slice(0, 10);
  if (isCalendarYear(period)) {
    const saved = await store.transact(actor, async (tx) =>
      ok(await saveResult(tx, measure, period, result, revision)),
    );
    if (!saved.ok) return saved;
  }
  return ok(result);
}

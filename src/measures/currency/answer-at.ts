import type { Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { evaluateSubject } from '../evaluate-subject.ts';
import type { Period, SubjectResult } from '../types.ts';
import { keptAnswer } from './answer.ts';
import { addDays, endOf } from './day.ts';
import type { PreparedMeasure } from './prepared.ts';
import type { ChildRecords } from './slice.ts';

/** The answer of a measure for a child as it stands at the end of a day. */
export function answerAt(
  { measure }: PreparedMeasure,
  { resources, slice }: ChildRecords,
  day: string,
  { period, zone }: { period: Period; zone: string },
): Result<SubjectResult> | Promise<Result<SubjectResult>> {
  const at = { period, now: endOf(day, zone), zone };
  return measure.answer?.(slice(), at) ?? evaluateSubject(measure, resources, period, at);
}

/**
 * The first day to come on which the answer is another one although nothing was written: found by asking on each day, up to the limit.
 * Where no such day was found, the day after the limit, on which it has to be asked again. `key` is today's answer.
 */
export async function nextChange(
  measure: PreparedMeasure,
  slice: ChildRecords,
  at: { period: Period; today: string; zone: string },
  key: string | undefined,
): Promise<string> {
  const { lookAheadDays } = limits.measures;
  for (let days = 1; days <= lookAheadDays; days += 1) {
    const day = addDays(at.today, days);
    const answer = await answerAt(measure, slice, day, at);
    if ((answer.ok ? keptAnswer(answer.value).key : undefined) !== key) return day;
  }
  return addDays(at.today, lookAheadDays + 1);
}

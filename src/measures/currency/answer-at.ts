import type { Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { evaluateSubject } from '../evaluate-subject.ts';
import type { Period, SubjectResult } from '../types.ts';
import { type KeptAnswer, keptAnswer } from './answer.ts';
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

/** An answer, and of logic that asks for today the first day to come on which it is another although nothing was written. */
export interface DatedAnswer {
  found: Result<SubjectResult>;
  kept?: KeptAnswer;
  /** Where no such day was found within the limit, the day after it, on which the measure has to be asked again. */
  nextChange?: string;
}

/** The answer as it stands at the end of today, and until when. */
export async function answerUntil(
  measure: PreparedMeasure,
  records: ChildRecords,
  { today, ...at }: { period: Period; today: string; zone: string },
): Promise<DatedAnswer> {
  const followed = measure.readsToday
    ? measure.measure.follow?.(records.slice(), { ...at, now: endOf(today, at.zone) })
    : undefined;
  const found = followed ? followed.answer() : await answerAt(measure, records, today, at);
  const kept = found.ok ? keptAnswer(found.value) : undefined;
  if (!measure.readsToday) return { found, kept };
  const { lookAheadDays } = limits.measures;
  for (let days = 1; days <= lookAheadDays; days += 1) {
    const day = addDays(today, days);
    if (followed?.moveTo(endOf(day, at.zone))) continue;
    const then = followed ? followed.answer() : await answerAt(measure, records, day, at);
    if ((then.ok ? keptAnswer(then.value).key : undefined) !== kept?.key) return { found, kept, nextChange: day };
  }
  return { found, kept, nextChange: addDays(today, lookAheadDays + 1) };
}

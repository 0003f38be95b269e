import type { Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { At } from '../engine/contract.ts';
import { evaluateSubject, readOf } from '../evaluate-subject.ts';
import { isTooCostly } from '../stopped.ts';
import { type AnswerThrough, answerThrough } from '../through.ts';
import type { Period, ReadyMeasure, SubjectResult } from '../types.ts';
import { type KeptAnswer, keptAnswer } from './answer.ts';
import { addDays, endOf } from './day.ts';
import type { PreparedMeasure } from './prepared.ts';
import type { ChildRecords } from './slice.ts';

function answerAt(
  measure: ReadyMeasure,
  { resources, slice }: ChildRecords,
  at: At,
): Result<SubjectResult> | Promise<Result<SubjectResult>> {
  return measure.answer?.(slice(), at) ?? evaluateSubject(measure, resources, at.period, at);
}

/** An answer, and of logic that asks for today the first day to come on which it is another although nothing was written. */
export interface DatedAnswer {
  found: Result<SubjectResult>;
  kept?: KeptAnswer;
  /** Where no such day was found within the limit, the day after it, on which the measure has to be asked again. */
  nextChange?: string;
}

/** The answer as it stands at the end of today, and until when. What was stopped is tried again tomorrow. */
export async function answerUntil(
  measure: PreparedMeasure,
  records: ChildRecords,
  { today, ...at }: { period: Period; today: string; zone: string },
): Promise<DatedAnswer> {
  const { lookAheadDays } = limits.measures;
  const days = [today];
  if (measure.readsToday) for (let n = 1; n <= lookAheadDays; n += 1) days.push(addDays(today, n));
  const { found, changesAt } = await through(measure, records, at, days);
  const kept = found.ok ? keptAnswer(found.value) : undefined;
  if (isTooCostly(found)) return { found, nextChange: addDays(today, 1) };
  if (!measure.readsToday) return { found, kept };
  return { found, kept, nextChange: addDays(today, changesAt ?? lookAheadDays + 1) };
}

function through(
  measure: PreparedMeasure,
  records: ChildRecords,
  at: { period: Period; zone: string },
  days: readonly string[],
): Promise<AnswerThrough> {
  const moments = days.map((day) => endOf(day, at.zone));
  const { measure: ready } = measure;
  if (ready.through) return ready.through(readOf(ready, records.resources), at, moments);
  const [now = endOf(days[0] ?? '', at.zone)] = moments;
  const followed = measure.readsToday ? ready.follow?.(records.slice(), { ...at, now }) : undefined;
  if (followed) {
    return answerThrough({ answer: () => followed.answer(), isStill: (then) => followed.moveTo(then) }, moments);
  }
  return answerThrough({ answer: (then) => answerAt(ready, records, { ...at, now: then }) }, moments);
}

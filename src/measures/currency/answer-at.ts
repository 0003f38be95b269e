import type { Result } from '../../base/errors.ts';
import type { At } from '../engine/contract.ts';
import { evaluateSubject, readOf } from '../evaluate-subject.ts';
import { type AnswerThrough, answerThrough } from '../through.ts';
import type { Period, ReadyMeasure, SubjectResult } from '../types.ts';
import { type KeptAnswer, keptAnswer } from './answer.ts';
import type { DaysAhead } from './day.ts';
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

/**
 * The answer as it stands at the end of today, and until when. What failed is tried again tomorrow: it may have been stopped for its cost, or a newer
 * program may know better, of which no hash tells. At once, where the measure answers at once.
 */
export function answerUntil(
  measure: PreparedMeasure,
  records: ChildRecords,
  { today, ...at }: { period: Period; today: string; zone: string },
): DatedAnswer | Promise<DatedAnswer> {
  const ahead = measure.ahead(today);
  const answered = through(measure, records, at, ahead.moments);
  if (answered instanceof Promise) return answered.then((answer) => dated(measure, answer, ahead));
  return dated(measure, answered, ahead);
}

function dated({ readsToday }: PreparedMeasure, { found, changesAt }: AnswerThrough, { days }: DaysAhead): DatedAnswer {
  if (!found.ok) return { found, nextChange: days[1] };
  const kept = keptAnswer(found.value);
  if (!readsToday) return { found, kept };
  return { found, kept, nextChange: days[changesAt ?? days.length - 1] };
}

function through(
  measure: PreparedMeasure,
  records: ChildRecords,
  at: { period: Period; zone: string },
  moments: readonly Date[],
): AnswerThrough | Promise<AnswerThrough> {
  const { measure: ready } = measure;
  if (ready.through) return ready.through(readOf(ready, records.resources), at, moments);
  const [now = new Date(0)] = moments;
  const followed = measure.readsToday ? ready.follow?.(records.slice(), { ...at, now }) : undefined;
  if (followed) {
    return answerThrough({ answer: () => followed.answer(), isStill: (then) => followed.moveTo(then) }, moments);
  }
  return answerThrough({ answer: (then) => answerAt(ready, records, { ...at, now: then }) }, moments);
}

import type { Result } from '../base/errors.ts';
import { keptAnswer } from './currency/answer.ts';
import type { SubjectResult } from './types.ts';

/** One child's answer at a moment. */
export interface AnswerAt {
  answer(now: Date): Result<SubjectResult> | Promise<Result<SubjectResult>>;
  /** Goes to a later moment; true: the answer there is certainly the same. Absent: it has to be asked. */
  isStill?(now: Date): boolean;
}

/** An answer, and the place among the moments of the first at which it is another one. */
export interface AnswerThrough {
  found: Result<SubjectResult>;
  changesAt?: number;
}

/** The answer at the first moment, and until when among those that follow. */
export async function answerThrough({ answer, isStill }: AnswerAt, moments: readonly Date[]): Promise<AnswerThrough> {
  const [first = new Date(0), ...later] = moments;
  const found = await answer(first);
  const key = found.ok ? keptAnswer(found.value).key : undefined;
  for (const [place, moment] of later.entries()) {
    if (isStill?.(moment)) continue;
    const then = await answer(moment);
    if ((then.ok ? keptAnswer(then.value).key : undefined) !== key) return { found, changesAt: place + 1 };
  }
  return { found };
}

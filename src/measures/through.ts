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

/** The answer at the first moment, and until when among those that follow. At once, when the answers are. */
export function answerThrough(asked: AnswerAt, moments: readonly Date[]): AnswerThrough | Promise<AnswerThrough> {
  const [first = new Date(0)] = moments;
  const found = asked.answer(first);
  if (found instanceof Promise) return found.then((answer) => onward(asked, moments, answer, 1));
  return onward(asked, moments, found, 1);
}

/** From a place among the moments on; `key`: of the answer found at the first, once it was asked for. */
function onward(
  asked: AnswerAt,
  moments: readonly Date[],
  found: Result<SubjectResult>,
  from: number,
  key = '',
): AnswerThrough | Promise<AnswerThrough> {
  let first = key;
  for (let place = from; place < moments.length; place += 1) {
    const moment = moments[place] as Date;
    if (asked.isStill?.(moment)) continue;
    if (first === '') first = keyOf(found);
    const then = asked.answer(moment);
    if (then instanceof Promise) {
      return then.then((answer) =>
        keyOf(answer) === first ? onward(asked, moments, found, place + 1, first) : { found, changesAt: place },
      );
    }
    if (keyOf(then) !== first) return { found, changesAt: place };
  }
  return { found };
}

const failed = 'failed';

function keyOf(found: Result<SubjectResult>): string {
  return found.ok ? keptAnswer(found.value).key : failed;
}

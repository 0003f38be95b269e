import { isOfType } from '../../../fhir/of-type.ts';
import type { Resource } from '../../../fhir/types.ts';
import type { Words } from '../words/en.ts';
import { wishOf } from './wish.ts';

/** With whom a wish is now, and by when there is an answer: only as the server's answer says it. */
export function sentenceOfSent(
  answer: Resource | undefined,
  around: readonly Resource[],
  words: Words,
  day: (date: string) => string,
): string {
  if (!isOfType(answer, 'Task')) return words.wishes.seeHere;
  const { owner, answerBy } = wishOf(answer, around);
  return [
    owner ? words.wishes.sentTo(owner) : answer.owner === undefined && words.wishes.sentToNobody,
    answerBy && words.wishes.answerBy(day(answerBy)),
    words.wishes.seeHere,
  ]
    .filter(Boolean)
    .join(' ');
}

import { visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Resource } from '../../fhir/types.ts';
import type { OperationRequest } from '../../module.ts';
import { currentOf } from '../stored.ts';
import { isPerson } from './caller.ts';

const answers = ['accept', 'reject', 'opinion', 'withdraw'] as const;

export interface Answer {
  answer: (typeof answers)[number];
  text?: string;
  opinion?: 'agree' | 'disagree';
  /** Who answers, as `Type/id`. */
  who: string;
}

export function readAnswer({ parameters }: OperationRequest, speaker: string | undefined): Result<Answer> {
  const answer = answers.find((one) => one === parameters.text('answer'));
  if (answer === undefined) return fail('invalid', `answer has to be one of ${answers.join(', ')}.`, { code: 'value' });
  const text = parameters.text('reason')?.trim();
  if (text !== undefined && text.length > limits.care.wordsLength)
    return fail('invalid', `reason has at most ${limits.care.wordsLength} characters.`, { code: 'value' });
  if (!text && answer === 'reject')
    return fail('invalid', 'Who rejects a proposal says why, in reason: the one who asked is told it.', {
      code: 'required',
    });
  if (!text && answer === 'opinion')
    return fail('invalid', 'An opinion stands in reason, in plain words.', { code: 'required' });
  const opinion = parameters.text('opinion');
  if (opinion !== undefined && opinion !== 'agree' && opinion !== 'disagree')
    return fail('invalid', 'opinion has to be agree or disagree.', { code: 'value' });
  const by = parameters.text('by');
  if (speaker !== undefined && by !== undefined && by !== speaker)
    return fail('invalid', 'Everybody answers in their own name: leave by out.', { code: 'value' });
  const who = speaker ?? by;
  if (!isPerson(who)) {
    const missing = 'A program answers nothing: by names the person who does, as Practitioner/id or RelatedPerson/id.';
    return fail('invalid', missing, { code: 'required' });
  }
  return ok({ answer, who, ...(text && { text }), ...(opinion && { opinion }) });
}

/** The proposal as the caller sees it afterwards. */
export async function toldProposal({ store, principal, id = '' }: OperationRequest): Promise<Result<Resource>> {
  const after = currentOf(await store.readSeen('Task', id, visibilityOf(principal, 'r')));
  return after ? ok(after) : fail('not-found', 'There is no such proposal here.');
}

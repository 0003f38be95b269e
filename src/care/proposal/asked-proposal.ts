import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Resource } from '../../fhir/types.ts';
import type { OperationRequest } from '../../module.ts';
import { isFamily, isPerson } from './caller.ts';
import { type Action, actions } from './proposal-task.ts';

export interface AskedProposal {
  action: Action;
  reason: string;
  /** `Type/id`. */
  target?: string;
  proposed?: Resource;
  /** Whose wish it is. */
  requester: string;
  /** Somebody else wrote it down. */
  isEntered: boolean;
  enteredBy?: string;
  onBehalfOf?: string;
}

const missing = (name: string, text: string) =>
  fail('invalid', text, { code: 'required', expression: [`Parameters.parameter.where(name = '${name}')`] });

/** What $propose is asked, or what of it is missing. `speaker`: as whom the caller speaks about the child. */
export function readProposal({ parameters }: OperationRequest, speaker: string | undefined): Result<AskedProposal> {
  const known = actions.filter((one) => one !== 'scenario');
  const action = known.find((one) => one === parameters.text('action'));
  if (action === undefined) return fail('invalid', `action has to be one of ${known.join(', ')}.`, { code: 'value' });
  const reason = parameters.text('reason')?.trim();
  if (!reason) return missing('reason', 'reason says in plain words what is wanted and why.');
  if (reason.length > limits.care.wordsLength)
    return fail('invalid', `reason has at most ${limits.care.wordsLength} characters.`, { code: 'value' });
  const target = parameters.text('target')?.split('/_history/')[0];
  if (target === undefined && (action === 'change' || action === 'remove'))
    return missing('target', `Which line is meant stands in target, as Type/id, to ${action} one.`);
  if (target !== undefined && action === 'add')
    return fail('invalid', 'target is of a line that is there already. To add one, leave it out.', { code: 'value' });
  const proposed = parameters.resource('proposed');
  if (proposed === undefined && (action === 'add' || action === 'change'))
    return missing('proposed', `What is wanted stands as a resource in proposed, to ${action} a line.`);
  const onBehalfOf = parameters.text('onBehalfOf');
  if (onBehalfOf !== undefined && !isPerson(onBehalfOf))
    return fail('invalid', 'onBehalfOf names a person or an organization, as Type/id.', { code: 'value' });
  // Whoever is of the family asks in their own name: for whom, their words say.
  const requester = isFamily(speaker) ? speaker : (onBehalfOf ?? speaker);
  if (requester === undefined)
    return missing('onBehalfOf', 'A program has no wishes: onBehalfOf names whose it writes down.');
  return ok({
    action,
    reason,
    requester,
    isEntered: requester !== speaker,
    ...(target !== undefined && { target }),
    ...(proposed && { proposed }),
    ...(speaker !== undefined && speaker !== requester && { enteredBy: speaker }),
    ...(isFamily(speaker) && onBehalfOf !== undefined && { onBehalfOf }),
  });
}

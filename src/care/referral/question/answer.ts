import { ok } from '../../../base/errors.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import type { WriteEffect } from '../../../store/types.ts';
import { refuse } from '../../business-rule.ts';
import { localId } from '../../local-id.ts';
import { currentOf } from '../../stored.ts';
import { checkWritten } from '../../written-here.ts';
import { stateOf, statusFor } from '../canonical-state.ts';
import { isQuestion, openQuestions } from './question-task.ts';

const rule = 'referral-answer';

/** A question is answered by saying something: in the output, or in a note. */
export const checkAnswer = checkWritten(rule, 'Task', (after, before) => {
  if (!isOfType(after, 'Task') || !isQuestion(after) || after.status !== 'completed') return ok(undefined);
  const wasAnswered = isOfType(before, 'Task') && before.status === 'completed';
  if (wasAnswered || (after.output ?? []).length > 0 || (after.note ?? []).length > 0) return ok(undefined);
  return refuse(rule, 'A question about a referral is answered in its output, or in a note.', 'Task.output');
});

/** When the last question is answered, the referral is sent again: whoever was asked has now what was missing. */
export const answerQuestion: WriteEffect = {
  name: rule,
  types: ['Task'],
  async apply({ after, before }, tx) {
    if (!isOfType(after, 'Task') || !isQuestion(after) || after.status !== 'completed') return ok(undefined);
    if (isOfType(before, 'Task') && before.status === 'completed') return ok(undefined);
    const referralId = localId(after.focus, 'Task');
    if (referralId === undefined) return ok(undefined);
    await tx.hold([{ type: 'Task', id: referralId }]);
    const referral = currentOf(await tx.read('Task', referralId));
    if (!isOfType(referral, 'Task') || stateOf(referral) !== 'more-information') return ok(undefined);
    const open = await openQuestions(tx, referralId);
    if (!open.ok) return open;
    if (open.value.some(({ id }) => id !== after.id)) return ok(undefined);
    const { businessStatus: _was, statusReason: _question, ...rest } = referral;
    const sent = await tx.update({ ...rest, ...statusFor('sent') });
    return sent.ok ? ok(undefined) : sent;
  },
};

import { ok } from '../../../base/errors.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import type { WriteEffect } from '../../../store/types.ts';
import { whoIsHere } from '../../team/known-people.ts';
import { stateOf } from '../canonical-state.ts';
import { fulfillsReferral } from '../states.ts';
import { aboutReferral, openQuestions, questionCode } from './question-task.ts';

/** Puts the question of a referral that goes to “more information” to whoever asked for it; and ends what is open when it moves on. */
export const askQuestion: WriteEffect = {
  name: 'referral-question',
  types: ['Task'],
  async apply({ id, after, before, stored }, tx) {
    if (!isOfType(after, 'Task') || !fulfillsReferral(after)) return ok(undefined);
    const to = stateOf(after);
    const from = isOfType(before, 'Task') ? stateOf(before) : undefined;
    if (to === from) return ok(undefined);
    if (to === 'more-information') {
      const question = after.statusReason?.text;
      if (question === undefined) return ok(undefined);
      const what = { code: questionCode, text: 'Question about the referral', description: question };
      const owner = await whoIsHere(tx, after.requester);
      const parties = {
        ...(owner && { owner }),
        ...(after.owner && { requester: after.owner }),
      };
      const authored = stored && { authoredOn: stored.lastUpdated };
      const asked = await tx.create(aboutReferral({ ...after, id }, { ...what, ...authored }, parties));
      return asked.ok ? ok(undefined) : asked;
    }
    if (from !== 'more-information') return ok(undefined);
    const open = await openQuestions(tx, id);
    if (!open.ok) return open;
    for (const question of open.value) {
      const statusReason = { text: 'The referral has moved on' };
      const ended = await tx.update({ ...question, status: 'cancelled', statusReason });
      if (!ended.ok) return ended;
    }
    return ok(undefined);
  },
};

import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Actor } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { type CanonicalState, stateOf } from './canonical-state.ts';
import { isLegal, type Party, whoMay } from './moves.ts';
import { partiesOf } from './parties.ts';
import { fulfillsReferral } from './states.ts';

const rule = 'referral-move';

/** States that nobody understands without a reason: the family is told it, and the next referral is made by it. */
const needReason: ReadonlySet<CanonicalState> = new Set(['declined', 'cancelled', 'failed']);

/**
 * A referral moves as decision D9 has it (moves.ts), each move by whom it belongs to. A new Task may stand in any state: what went before it is
 * told, not lived. Every refusal names from, to and the party that wrote.
 */
export const checkReferralMove = checkWritten(rule, 'Task', (after, before, tx) => {
  if (!isOfType(after, 'Task') || !fulfillsReferral(after)) return ok(undefined);
  const to = stateOf(after);
  if (to === undefined) {
    const text = `The business status of a referral that is ${after.status} is one of another status.`;
    return refuse(rule, text, 'Task.businessStatus');
  }
  const reason = checkReason(after, to);
  if (!reason.ok || !isOfType(before, 'Task') || !fulfillsReferral(before)) return reason;
  // What an earlier build let stand in two states at once may move on to anything.
  const from = stateOf(before);
  return from === undefined ? ok(undefined) : checkMove(from, to, { actor: tx.actor, task: before });
});

function checkMove(
  from: CanonicalState,
  to: CanonicalState,
  { actor, task }: { actor: Actor; task: r4.Task },
): Result<void> {
  const parties = partiesOf(actor, task);
  if (isLegal(from, to, parties)) return ok(undefined);
  const others = whoMay(from, to);
  const who = others.length === 0 ? 'Nobody may do that; make a new Task instead.' : `That is for ${words(others)}.`;
  return refuse(rule, `A referral that is ${from} does not become ${to} by ${words(parties)}. ${who}`, 'Task.status');
}

/** Source: Gravity SDOH Clinical Care, Task: a statusReason has a text. */
function checkReason({ statusReason }: r4.Task, state: CanonicalState): Result<void> {
  if (statusReason === undefined && needReason.has(state)) {
    return refuse(rule, `A referral that is ${state} says why.`, 'Task.statusReason');
  }
  if (statusReason !== undefined && (statusReason.text ?? '').trim() === '') {
    return refuse(rule, 'The reason for a status is said in words.', 'Task.statusReason.text');
  }
  return ok(undefined);
}

function words(parties: readonly Party[]): string {
  const named: Record<Party, string> = {
    requester: 'its requester',
    performer: 'its performer',
    family: 'the family',
    administrator: 'a member of staff',
  };
  return parties.map((party) => named[party]).join(' or ');
}

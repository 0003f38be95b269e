import type { ReferralLine, ReferralState } from './types.ts';

/** Where a referral stands, in plain English. */
const stateText: Record<ReferralState, string> = {
  draft: 'not sent yet',
  requested: 'requested, no answer known',
  sent: 'sent, waiting for an answer',
  seen: 'seen, not accepted yet',
  accepted: 'accepted',
  'in-progress': 'in progress',
  'on-hold': 'on hold',
  completed: 'completed',
  declined: 'declined, needs another place',
  cancelled: 'cancelled',
  failed: 'failed, needs another place',
  unknown: 'state not known',
};

/** A referral whose work is done stays open until the requester has looked at what came of it (decision D9, loop closed). */
export function referralStateText({ state, open }: Pick<ReferralLine, 'state' | 'open'>): string {
  return state === 'completed' && open ? 'done, result not reviewed yet' : stateText[state];
}

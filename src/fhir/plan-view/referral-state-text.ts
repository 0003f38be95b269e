import type { ReferralState } from './types.ts';

/** Where a referral stands, in plain English. */
export const referralStateText: Record<ReferralState, string> = {
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

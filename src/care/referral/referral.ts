import type { CarePart } from '../parts.ts';
import { checkFulfillment, concludeFulfillment } from './check-fulfillment.ts';
import { checkReferralMove } from './check-move.ts';
import { checkSentReferral } from './check-sent.ts';
import { partnerCommands } from './dialect/commands.ts';
import { followTask } from './follow-task.ts';

/** Referrals that close (decision D9, docs/decisions/referrals.md). */
export const referralPart: CarePart = {
  checks: [checkFulfillment, checkSentReferral, checkReferralMove],
  conclusions: [concludeFulfillment, followTask],
  commands: partnerCommands(),
};

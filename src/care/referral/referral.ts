import type { Clock } from '../../base/clock.ts';
import type { CarePart } from '../parts.ts';
import { concludeCapacity } from './capacity/check-capacity.ts';
import { recheckWaitlist } from './capacity/recheck.ts';
import { checkAppointment } from './check-appointment.ts';
import { checkFulfillment, concludeFulfillment } from './check-fulfillment.ts';
import { checkReferralMove } from './check-move.ts';
import { checkOutcome } from './check-outcome.ts';
import { concludeOutput } from './check-output.ts';
import { concludeOwner } from './check-owner.ts';
import { checkSentReferral } from './check-sent.ts';
import { concludeThread } from './check-thread.ts';
import { partnerCommands } from './dialect/commands.ts';
import { askAboutAttendance } from './family/ask-about-attendance.ts';
import { attendanceOfRequestOperation, attendanceOperation } from './family/attendance.ts';
import { withdrawOperation, withdrawRequestOperation } from './family/withdraw.ts';
import { followTask } from './follow-task.ts';
import { concludePart } from './indirect/check-part.ts';
import { keepParts } from './indirect/keep-parts.ts';
import { movesOperation } from './moves-operation.ts';
import { answerQuestion, checkAnswer } from './question/answer.ts';
import { askQuestion } from './question/ask.ts';
import { rerouteOperation } from './reroute.ts';
import { sendOperation } from './send.ts';

/** Referrals that close (decision D9, docs/decisions/referrals.md). */
export function referralPart(clock: Clock): CarePart {
  return {
    checks: [checkFulfillment, checkSentReferral, checkReferralMove, checkAppointment, checkOutcome, checkAnswer],
    effects: [keepParts, askQuestion, answerQuestion, askAboutAttendance],
    conclusions: [
      concludeFulfillment,
      concludeOwner,
      concludeOutput,
      concludePart,
      concludeCapacity(clock),
      concludeThread,
      followTask,
      recheckWaitlist,
    ],
    operations: [
      movesOperation,
      sendOperation(clock),
      rerouteOperation(clock),
      withdrawOperation,
      withdrawRequestOperation,
      attendanceOperation(clock),
      attendanceOfRequestOperation(clock),
    ],
    commands: partnerCommands(),
  };
}

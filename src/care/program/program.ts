import type { Clock } from '../../base/clock.ts';
import type { CarePart } from '../parts.ts';
import { checkEnrollment } from './check-enrollment.ts';
import { concludeLead } from './check-lead.ts';
import { checkProgram } from './check-program.ts';
import { concludeEnrollment } from './conclude-enrollment.ts';
import { followCareReferral } from './follow-referral.ts';
import { checkFlagWritten } from './keep-flag.ts';
import { checkWaitlistWritten } from './keep-waitlist.ts';
import { enrollOperation, moveOperation } from './move-operations.ts';

/** Programs of care management, who is enrolled in them, and by whom (decisions D11, D12). */
export function programPart(clock: Clock): CarePart {
  return {
    checks: [checkProgram, checkEnrollment(clock)],
    conclusions: [
      checkFlagWritten,
      checkWaitlistWritten,
      followCareReferral(clock),
      concludeEnrollment(clock),
      concludeLead,
    ],
    operations: [enrollOperation(clock), moveOperation(clock)],
  };
}

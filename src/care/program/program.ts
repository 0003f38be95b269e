import type { CarePart } from '../parts.ts';
import { caseloadOperation } from './caseload.ts';
import { checkCore } from './check-core.ts';
import { checkEnrollment, keepEnrollments } from './check-enrollment.ts';
import { concludeLead } from './check-lead.ts';
import { checkProgram } from './check-program.ts';
import { checkReceipt } from './check-receipt.ts';
import { concludeEnrollment } from './conclude-enrollment.ts';
import { acknowledgeOperation, confirmHandOffOperation } from './confirm-operations.ts';
import { sendDigests } from './digest/digest-job.ts';
import { digestOperations } from './digest/digest-operations.ts';
import type { DigestDeps } from './digest/send-digest.ts';
import { followConsent } from './follow-consent.ts';
import { followCareReferral } from './follow-referral.ts';
import { groupMembersOperation } from './group-members.ts';
import { checkHandOff } from './hand-off.ts';
import { huddleOperation } from './huddle.ts';
import { importRosterOperation } from './import-roster.ts';
import { checkFlagWritten } from './keep-flag.ts';
import { checkWaitlistWritten } from './keep-waitlist.ts';
import { enrollOperation, moveOperation } from './move-operations.ts';
import { collapseOutreach } from './outreach.ts';
import { panelOperations } from './panel.ts';
import { personMonthsOperation } from './person-months.ts';
import { policiesOperation } from './policies-operation.ts';
import { programReportOperation } from './program-report.ts';
import { proposeManagerOperation } from './propose-manager.ts';
import { whoServedOperation } from './who-served.ts';

/** Programs of care management, who is enrolled in them, and by whom (decisions D11, D12). */
export function programPart(deps: DigestDeps): CarePart {
  const { clock, zone } = deps;
  return {
    checks: [checkProgram, checkCore(clock), keepEnrollments, checkEnrollment(clock), checkHandOff, checkReceipt],
    conclusions: [
      checkFlagWritten,
      checkWaitlistWritten,
      collapseOutreach(clock),
      followCareReferral(clock),
      followConsent(clock, zone),
      concludeEnrollment(clock, zone),
      concludeLead,
    ],
    operations: [
      enrollOperation(clock),
      moveOperation(clock),
      whoServedOperation(clock),
      ...panelOperations(clock),
      personMonthsOperation(clock),
      caseloadOperation(clock),
      proposeManagerOperation,
      programReportOperation(clock),
      confirmHandOffOperation(clock),
      acknowledgeOperation(clock),
      importRosterOperation,
      groupMembersOperation(clock),
      ...digestOperations(deps),
      policiesOperation(clock),
      huddleOperation(clock, zone),
    ],
    jobs: [sendDigests(deps)],
  };
}

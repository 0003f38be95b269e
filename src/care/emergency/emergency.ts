import type { CarePart } from '../parts.ts';
import { checkEmergencyPlan } from './check-plan.ts';
import { concludeReview } from './check-review.ts';
import { checkScenario } from './check-scenario.ts';
import { concludeScenarios } from './conclude-scenarios.ts';
import { firstCallOperation } from './first-call/operation.ts';
import { keepEmergencyState } from './keep-state.ts';
import { listLinksOperation } from './link/list-operation.ts';
import { type LinkDeps, makeLinkOperation } from './link/make-operation.ts';
import { revokeLinkOperation } from './link/revoke-operation.ts';
import { noticeOfEmergencyAccess } from './notice.ts';
import { emergencyPlanOperation } from './plan-operation.ts';
import { proposeScenarioOperation } from './propose-scenario.ts';
import { reviewJob } from './review-job.ts';
import { settleProposals } from './settle-proposals.ts';

/** What strangers must know of a child in an emergency, and whom to call when (decision D6). */
export function emergencyPart(deps: LinkDeps): CarePart {
  const { clock, zone } = deps;
  return {
    checks: [checkEmergencyPlan, checkScenario],
    conclusions: [
      concludeScenarios,
      concludeReview(clock, zone),
      keepEmergencyState(clock, zone),
      noticeOfEmergencyAccess(clock),
      settleProposals,
    ],
    operations: [
      emergencyPlanOperation(deps),
      firstCallOperation(deps),
      proposeScenarioOperation(clock),
      makeLinkOperation(deps),
      listLinksOperation(deps),
      revokeLinkOperation(deps),
    ],
    jobs: [reviewJob],
  };
}

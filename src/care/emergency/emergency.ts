import type { Clock } from '../../base/clock.ts';
import type { CarePart } from '../parts.ts';
import { checkEmergencyPlan } from './check-plan.ts';
import { concludeReview } from './check-review.ts';
import { checkScenario } from './check-scenario.ts';
import { concludeScenarios } from './conclude-scenarios.ts';
import { keepEmergencyState } from './keep-state.ts';
import { noticeOfEmergencyAccess } from './notice.ts';
import { reviewJob } from './review-job.ts';

export interface EmergencyDeps {
  clock: Clock;
  /** IANA name of the zone in which days are told and clinics are open that do not say another. */
  zone: string;
}

/** What strangers must know of a child in an emergency, and whom to call when (decision D6). */
export function emergencyPart({ clock, zone }: EmergencyDeps): CarePart {
  return {
    checks: [checkEmergencyPlan, checkScenario],
    conclusions: [
      concludeScenarios,
      concludeReview(clock, zone),
      keepEmergencyState(clock, zone),
      noticeOfEmergencyAccess(clock),
    ],
    jobs: [reviewJob],
  };
}

import type { ReviewState } from './review.ts';
import type { PlanSection } from './section-types.ts';
import { aboutMe } from './sections/about-me.ts';
import { atAGlance } from './sections/at-a-glance.ts';
import { caregiver } from './sections/caregiver.ts';
import type { Chart } from './sections/chart.ts';
import { emergencyAndAccess, otherParts, school, transition } from './sections/components.ts';
import { family } from './sections/family.ts';
import { actions, goals } from './sections/goals.ts';
import { hospitalPlans } from './sections/hospital-plans.ts';
import { legal } from './sections/legal.ts';
import { medicalSummary } from './sections/medical.ts';
import { needs } from './sections/needs.ts';
import { reviewSection } from './sections/review.ts';
import { services } from './sections/services.ts';
import { careTeam } from './sections/team.ts';

/** In the order of decision D4. */
const builders: readonly ((chart: Chart) => PlanSection | undefined)[] = [
  aboutMe,
  family,
  careTeam,
  medicalSummary,
  goals,
  actions,
  needs,
  emergencyAndAccess,
  otherParts,
  services,
  school,
  transition,
  caregiver,
  legal,
  hospitalPlans,
];

/**
 * The sections of a shared plan (decision D4): the one model behind the document Bundle, the printed page and the clinician's page. A section without
 * anything in it is not there, so that what a reader may not see leaves no empty place.
 */
export function planSections(chart: Chart, review: ReviewState): PlanSection[] {
  const sections = [...builders.map((build) => build(chart)), reviewSection(chart, review)].filter(
    (one) => one !== undefined,
  );
  const digest = atAGlance(chart, review, sections);
  return digest === undefined ? sections : [digest, ...sections];
}

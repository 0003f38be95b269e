import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { CarePart } from '../parts.ts';
import { concludeComponentPlan } from './check-component.ts';
import { checkContributors } from './check-contributors.ts';
import { checkOneActivePlan } from './check-one-active.ts';
import { checkSharedPlan } from './check-shared-plan.ts';
import { composeJob } from './compose-job.ts';
import { composeOperation } from './compose-operation.ts';
import { concludeComponentKind } from './conclude-kind.ts';
import { concludePlanLines } from './conclude-lines.ts';
import { concludeWhole } from './conclude-whole.ts';
import { type DocumentOperationDeps, documentOperation } from './document-operation.ts';
import { queueCompose } from './queue-compose.ts';
import { recordActivePlan } from './record-active-plan.ts';
import { rememberRemovals } from './removed.ts';
import { checkCoSign } from './review/check-co-sign.ts';
import { checkPlanReview } from './review/check-review.ts';
import { keepPlanReviews } from './review/keep-review.ts';
import { askForReviews } from './review/review-job.ts';
import { reviewOperation } from './review/review-operation.ts';

/** The shared plan of care and its components (decisions D1 to D5). */
export function planPart({ clock, ...documents }: DocumentOperationDeps): CarePart {
  return {
    checks: [checkSharedPlan, checkContributors, checkOneActivePlan, checkPlanReview(clock), checkCoSign],
    effects: [recordActivePlan, rememberRemovals],
    conclusions: [
      concludeComponentPlan,
      concludeComponentKind(clock),
      concludeWhole,
      concludePlanLines,
      keepPlanReviews(clock),
      queueCompose,
    ],
    operations: [composeOperation(clock), documentOperation({ clock, ...documents }), reviewOperation(clock)],
    editedByMany: [(resource) => isOfType(resource, 'CarePlan') && isSharedPlan(resource)],
    jobs: [composeJob, askForReviews],
  };
}

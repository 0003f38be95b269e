import type { Clock } from '../../../base/clock.ts';
import { ok } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { addMonths, planReviewUrl, reviewOf } from '../../../fhir/plan-view/review.ts';
import { isSharedPlan } from '../../../fhir/shared-plan.ts';
import type { WriteCheck } from '../../../store/types.ts';
import { refuse } from '../../business-rule.ts';
import { checkWritten } from '../../written-here.ts';
import { dayOf } from './review-job.ts';

const rule = 'plan-review-dates';

/** The review on a plan says when it was held, not in the future, and until when the plan counts, not for longer than a year. */
export function checkPlanReview(clock: Clock): WriteCheck {
  return checkWritten(rule, 'CarePlan', (after, before) => {
    if (!isOfType(after, 'CarePlan')) return ok(undefined);
    const at = (after.extension ?? []).findIndex(({ url }) => url === planReviewUrl);
    if (at < 0) {
      const had = isOfType(before, 'CarePlan') && reviewOf(before) !== undefined;
      return had
        ? refuse(rule, 'The last review stays on the plan; a newer one takes its place.', 'CarePlan.extension')
        : ok(undefined);
    }
    const where = `CarePlan.extension[${at}]`;
    if (!isSharedPlan(after)) return refuse(rule, 'Only a shared plan of care has a review.', where);
    const review = reviewOf(after);
    if (review === undefined) return refuse(rule, 'A review says on which day it was held.', where);
    // A plan that was written before stays as it was, whatever the day.
    if (isOfType(before, 'CarePlan') && JSON.stringify(reviewOf(before)) === JSON.stringify(review))
      return ok(undefined);
    const today = dayOf(clock);
    if (review.held > today) return refuse(rule, 'A review is recorded when it was held, not before.', where);
    if (isOfType(before, 'CarePlan') && (reviewOf(before)?.held ?? '') > review.held)
      return refuse(rule, 'A review does not take the place of a newer one.', where);
    if (review.copyGiven !== undefined && review.copyGiven > today)
      return refuse(rule, 'The day on which the family was given its copy is not in the future.', where);
    if (review.next === undefined) return ok(undefined);
    if (review.next <= review.held) return refuse(rule, 'The next review comes after this one.', where);
    if (review.next > addMonths(review.held, limits.care.reviewMonthsMax))
      return refuse(rule, `The next review is within ${limits.care.reviewMonthsMax} months.`, where);
    return ok(undefined);
  });
}

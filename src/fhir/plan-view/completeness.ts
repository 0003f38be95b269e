import type { r4 } from '../types.ts';
import { type Index, localReference, referenceOf } from './index-of.ts';
import type { PlanReview } from './review.ts';
import { isFamily, speakerOf } from './speaker.ts';

/**
 * What keeps a shared plan from being complete, in words: it is complete only with what the family said, a copy that the family was given since
 * the plan was last agreed on, and the day of it (S4.1). Empty: it is complete.
 */
export function missingFrom(plan: r4.CarePlan, review: PlanReview | undefined, index: Index): string[] {
  const missing: string[] = [];
  if (!hasFamilyInput(plan, review, index))
    missing.push('nothing in the plan was said by the child or the family yet: no goal, no wish, no contribution.');
  const copies = copiesOf(plan, index);
  const isDelivered = review?.copyGiven !== undefined || copies.length > 0;
  const days = [review?.copyGiven, ...copies.map(({ sent }) => sent?.slice(0, 10))].filter((day) => day !== undefined);
  if (!isDelivered) missing.push('the family has not been given a copy of the plan.');
  else if (days.length === 0) missing.push('the day on which the family was given its copy is not recorded.');
  else if (review !== undefined && !days.some((day) => day >= review.held))
    missing.push('the family has not been given a copy since the plan was last agreed on.');
  if (review === undefined) missing.push('the plan has not been gone through with the family yet.');
  return missing;
}

function hasFamilyInput(plan: r4.CarePlan, review: PlanReview | undefined, index: Index): boolean {
  const named = [...(plan.contributor ?? []), ...(plan.author ? [plan.author] : []), ...(review?.agreed ?? [])];
  if (named.some(isFamily)) return true;
  const goals = (plan.goal ?? []).map((goal) => index.get(localReference(goal)));
  const told = [...goals, ...index.ofType('Observation')];
  return told.some((one) => one !== undefined && isFamily(speakerOf(one)));
}

/** Communications that brought the plan to somebody of the family. */
function copiesOf(plan: r4.CarePlan, index: Index): r4.Communication[] {
  const own = referenceOf({ resourceType: 'CarePlan', id: plan.id });
  return (index.ofType('Communication') as readonly unknown[] as readonly r4.Communication[]).filter(
    ({ status, about, recipient }) =>
      status === 'completed' &&
      about?.some((one) => localReference(one) === own) === true &&
      recipient?.some(isFamily) === true,
  );
}

import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { checkWritten } from '../written-here.ts';

const rule = 'shared-plan-shape';

/** A shared plan is a plan, for one child, whose activities are resources of their own (decisions D1 and D2). */
export const checkSharedPlan = checkWritten(rule, 'CarePlan', (after, before) => {
  if (!isOfType(after, 'CarePlan')) return ok(undefined);
  if (!isSharedPlan(after)) return wasShared(before) ? losesCategory() : ok(undefined);
  const child = childOf(after);
  if (child === undefined)
    return refuse(rule, 'A shared plan of care has a Patient as its subject.', 'CarePlan.subject');
  if (wasShared(before) && childOf(before) !== child) {
    return refuse(rule, 'A shared plan of care stays with its child.', 'CarePlan.subject');
  }
  if (after.intent !== 'plan') return refuse(rule, 'A shared plan of care has the intent plan.', 'CarePlan.intent');
  const detail = (after.activity ?? []).findIndex((activity) => activity.detail !== undefined);
  if (detail >= 0) {
    const text =
      'Activities of a shared plan are references to a ServiceRequest, a Task or another request, never detail. CarePlan/$import makes them of it.';
    return refuse(rule, text, `CarePlan.activity[${detail}].detail`);
  }
  return ok(undefined);
});

function wasShared(before: unknown): boolean {
  return typeof before === 'object' && before !== null && isSharedPlan(before);
}

function losesCategory() {
  return refuse(rule, 'A shared plan of care stays one: end it by its status instead.', 'CarePlan.category');
}

import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { checkWritten } from '../written-here.ts';
import { activePlanOf, lockPlan } from './active-plan.ts';

const rule = 'one-active-shared-plan';

/** A child has at most one active shared plan of care (decision D1). The primary key of shared_plan is the last word. */
export const checkOneActivePlan = checkWritten(rule, 'CarePlan', async (after, _before, tx) => {
  const child = childOf(after);
  if (!isOfType(after, 'CarePlan') || !isSharedPlan(after) || after.status !== 'active' || child === undefined) {
    return ok(undefined);
  }
  await lockPlan(tx, child);
  const active = await activePlanOf(tx, child);
  if (active === undefined || active === after.id) return ok(undefined);
  const text = 'This child has an active shared plan of care already. Change that one, or end it first.';
  return refuse(rule, text, 'CarePlan.status');
});

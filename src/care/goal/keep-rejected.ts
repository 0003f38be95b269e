import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { concludeWritten } from '../written-here.ts';

const rule = 'rejected-goal-stays';

/** A rejected goal stays visible with its reason: it is not taken out of the shared plan (row S2.26). Asked when goals are taken out only. */
export const concludeRejectedGoals = concludeWritten(rule, 'CarePlan', async (after, before, tx) => {
  if (!isOfType(after, 'CarePlan') || !isOfType(before, 'CarePlan') || !isSharedPlan(before)) return ok(undefined);
  const left = new Set((after.goal ?? []).map((reference) => localId(reference, 'Goal')));
  for (const reference of before.goal ?? []) {
    const id = localId(reference, 'Goal');
    if (id === undefined || left.has(id)) continue;
    const goal = currentOf(await tx.read('Goal', id));
    if (isOfType(goal, 'Goal') && goal.lifecycleStatus === 'rejected') {
      const text = 'A rejected goal stays in the shared plan, with the reason why, so that nobody asks the same again.';
      return refuse(rule, text, 'CarePlan.goal');
    }
  }
  return ok(undefined);
});

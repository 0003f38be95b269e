import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { checkWritten } from '../written-here.ts';

const rule = 'component-plan-same-child';

/** A component plan (emergency, school, …) is part of a plan of the same child, never of another child's (decision D1). */
export const checkComponentPlan = checkWritten(rule, 'CarePlan', async (after, _before, tx): Promise<Result<void>> => {
  if (!isOfType(after, 'CarePlan')) return ok(undefined);
  for (const whole of after.partOf ?? []) {
    const id = localId(whole, 'CarePlan');
    const plan = id === undefined ? undefined : currentOf(await tx.read('CarePlan', id));
    if (plan !== undefined && childOf(plan) !== childOf(after)) {
      return refuse(rule, 'A plan is part of a plan of the same child only.', 'CarePlan.partOf');
    }
  }
  return ok(undefined);
});

import { ok } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { WriteEffect } from '../../store/types.ts';
import { childOf } from '../child.ts';

/**
 * Keeps the row that says which plan is the child's active one, in the plan's own transaction. The insert fails on a second
 * plan whatever path it came by; that is a fault, because check-one-active refuses it first.
 */
export const recordActivePlan: WriteEffect = {
  name: 'record-active-plan',
  types: ['CarePlan'],
  apply: async ({ id, before, after }, tx) => {
    const was = childWithActive(before);
    const is = childWithActive(after);
    if (was !== undefined && was !== is) {
      await tx.query('DELETE FROM shared_plan WHERE patient_id = $1 AND plan_id = $2', [was, id]);
    }
    if (is !== undefined && was !== is) {
      await tx.query('INSERT INTO shared_plan (patient_id, plan_id) VALUES ($1, $2)', [is, id]);
    }
    return ok(undefined);
  },
};

function childWithActive(plan: Resource | undefined): string | undefined {
  if (!isOfType(plan, 'CarePlan') || !isSharedPlan(plan) || isMirror(plan) || plan.status !== 'active')
    return undefined;
  return childOf(plan);
}

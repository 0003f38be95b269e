import { ok } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType, type Typed } from '../../fhir/of-type.ts';
import { planCategory } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { lockPlan } from '../plan/active-plan.ts';
import { resourceOf } from '../stored.ts';
import { checkWritten } from '../written-here.ts';
import { isAccessPlan, isEmergencyPlan } from './terms.ts';

const rule = 'emergency-plan-shape';

export type Plan = Resource & Typed<'CarePlan'>;

/**
 * An emergency or access plan is about one child, says what to do by references alone (D2), and is part of the child's shared plan once it is
 * in force; a child has one of each (D6). An emergency plan says in one line who this child is.
 */
export const checkEmergencyPlan = checkWritten(rule, 'CarePlan', async (after, before, tx) => {
  if (!isOfType(after, 'CarePlan')) return ok(undefined);
  const was = isOfType(before, 'CarePlan') && (isEmergencyPlan(before) || isAccessPlan(before)) ? before : undefined;
  if (!isEmergencyPlan(after) && !isAccessPlan(after))
    return was
      ? refuse(rule, 'A plan stays of its kind: end it by its status instead.', 'CarePlan.category')
      : ok(undefined);
  const child = childOf(after);
  if (child === undefined)
    return refuse(rule, 'An emergency or access plan has a Patient as its subject.', 'CarePlan.subject');
  if (was && (childOf(was) !== child || planCategory(was) !== planCategory(after)))
    return refuse(rule, 'An emergency or access plan stays with its child and of its kind.', 'CarePlan.subject');
  if (after.intent !== 'plan')
    return refuse(rule, 'An emergency or access plan has the intent plan.', 'CarePlan.intent');
  const detail = (after.activity ?? []).findIndex((activity) => activity.detail !== undefined);
  if (detail >= 0) {
    const text =
      'What an emergency or access plan does is a reference to a RequestGroup or another request, never detail.';
    return refuse(rule, text, `CarePlan.activity[${detail}].detail`);
  }
  if (after.status !== 'active') return ok(undefined);
  if (isEmergencyPlan(after) && !after.description?.trim())
    return refuse(
      rule,
      'An emergency plan says in description, in one line, who this child is.',
      'CarePlan.description',
    );
  if (!after.partOf?.some((whole) => localId(whole, 'CarePlan') !== undefined))
    return refuse(
      rule,
      'An emergency or access plan in force is part of the child’s shared plan of care.',
      'CarePlan.partOf',
    );
  await lockPlan(tx, child);
  const others = (await activePlans(tx, child)).filter(({ id }) => id !== after.id);
  if (!others.some((other) => planCategory(other) === planCategory(after))) return ok(undefined);
  const text = 'This child has an active plan of this kind already. Change that one, or end it first.';
  return refuse('one-active-emergency-plan', text, 'CarePlan.status');
});

/** The child's active emergency and access plans that are kept here; not those of a hospital. */
export async function activePlans(tx: Pick<Tx, 'recordsOf'>, patientId: string): Promise<Plan[]> {
  const records = await tx.recordsOf([patientId], ['CarePlan']);
  return records.map(({ stored }) => resourceOf(stored)).filter(isActivePlan);
}

/** An emergency or access plan of ours in force. */
export function isActivePlan(plan: Resource | undefined): plan is Plan {
  if (!isOfType(plan, 'CarePlan') || plan.status !== 'active' || isMirror(plan)) return false;
  return isEmergencyPlan(plan) || isAccessPlan(plan);
}

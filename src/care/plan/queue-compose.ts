import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { WriteConclusion } from '../../store/types.ts';
import { childOf, planTypes } from '../child.ts';
import { isCare } from './care-actor.ts';

export const composeJobKind = 'care.compose';

/**
 * Queues a fresh composition when something a shared plan is made of has changed. Only for children who have one, because the
 * first is made on purpose; and not for what composing writes itself, which would never end.
 */
export const queueCompose: WriteConclusion = {
  name: 'queue-compose',
  conclude: async (changes, tx) => {
    if (isCare(tx.actor)) return ok(undefined);
    const parts = changes.filter(({ type, before, after }) => planTypes.includes(type) && !isShared(after ?? before));
    const named = parts.flatMap(({ before, after }) => [childOf(before), childOf(after)]);
    const children = [...new Set(named.filter((child) => child !== undefined))];
    if (children.length > 0) tx.enqueueFound(withPlan, [children]);
    return ok(undefined);
  },
};

const withPlan = `SELECT '${composeJobKind}', patient_id, '{}'::jsonb FROM shared_plan WHERE patient_id = ANY ($1::text[])`;

function isShared(resource: Resource | undefined): boolean {
  return isOfType(resource, 'CarePlan') && isSharedPlan(resource);
}

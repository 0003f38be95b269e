import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { WriteEffect } from '../../store/types.ts';
import { childOf, planTypes } from '../child.ts';
import { activePlanOf } from './active-plan.ts';
import { isCare } from './care-actor.ts';

export const composeJobKind = 'care.compose';

/**
 * Queues a fresh composition when something a shared plan is made of changes. Only for children who have one, because the
 * first is made on purpose; and not for what composing writes itself, which would never end.
 */
export const queueCompose: WriteEffect = {
  name: 'queue-compose',
  types: planTypes,
  apply: async ({ before, after }, tx) => {
    const plan = after ?? before;
    if (isCare(tx.actor) || (isOfType(plan, 'CarePlan') && isSharedPlan(plan))) return ok(undefined);
    const children = new Set([childOf(before), childOf(after)].filter((child) => child !== undefined));
    for (const child of children) {
      const active = await activePlanOf(tx, child);
      if (active !== undefined) await tx.enqueue({ kind: composeJobKind, key: child });
    }
    return ok(undefined);
  },
};

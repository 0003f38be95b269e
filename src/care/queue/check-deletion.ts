import { isOfFamily } from '../../access/policy/told-tasks.ts';
import { ok } from '../../base/errors.ts';
import type { r4 } from '../../fhir/types.ts';
import type { WriteCheck } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { keptTypes } from './check-ending.ts';
import { isCoded, placeOf } from './ending-reason.ts';

const rule = 'deletion-has-reason';

/** What a person sets instead of deleting. */
const instead: Record<string, string> = {
  Task: 'status cancelled or entered-in-error',
  ServiceRequest: 'status revoked or entered-in-error',
  Goal: 'lifecycleStatus cancelled or entered-in-error',
  Condition: 'verificationStatus entered-in-error',
};

/**
 * A person does not delete what is to be done for a child or known about it: it is ended by its status, which everybody sees with the reason. Who
 * has to delete all the same says why by a code in Provenance.reason of the header X-Provenance. Systems keep their own books, and a family
 * deletes nothing anyway (access/policy).
 */
export const checkDeletion: WriteCheck = {
  name: rule,
  types: keptTypes,
  check: async ({ type, outcome, before }, tx) => {
    if (outcome !== 'deleted' || tx.actor.kind !== 'user' || isOfFamily(tx.actor)) return ok(undefined);
    if (childOf(before) === undefined) return ok(undefined);
    const { reason } = (tx.actor.provenance ?? {}) as Partial<r4.Provenance>;
    if (reason?.some(isCoded)) return ok(undefined);
    const text = `A ${type} of a child is not deleted. Set its ${instead[type]}, and the reason in ${placeOf(type)}.`;
    return refuse(rule, text, type);
  },
};

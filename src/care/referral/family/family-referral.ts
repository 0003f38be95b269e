import { visibilityOf } from '../../../access/decide.ts';
import type { Interaction } from '../../../access/types.ts';
import { fail, ok, type Result } from '../../../base/errors.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { OperationRequest } from '../../../module.ts';
import { currentOf } from '../../stored.ts';
import { type CanonicalState, stateOf } from '../canonical-state.ts';
import { fulfillsReferral } from '../states.ts';

export interface FamilyReferral {
  task: Resource & r4.Task;
  state: CanonicalState;
  /** `Patient/…` or `RelatedPerson/…`. */
  speaker: string;
}

/**
 * The referral that an operation for families is about. What the caller may not see is answered like what is not there. Errors: not somebody of a
 * family; a Task that is no referral.
 */
export async function familyReferral(
  { store, principal, id }: OperationRequest,
  letter: Interaction,
): Promise<Result<FamilyReferral>> {
  const absent = fail('not-found', 'There is no such Task.');
  const seen = id === undefined ? undefined : await store.readSeen('Task', id, visibilityOf(principal, letter));
  const task = currentOf(seen);
  if (!isOfType(task, 'Task')) return absent;
  const speaker = principal.fhirUser ?? '';
  if (principal.kind !== 'user' || !/^(Patient|RelatedPerson)\//.test(speaker))
    return fail('forbidden', 'This is for the child and the family. Others write it into the Task.');
  const state = fulfillsReferral(task) ? stateOf(task) : undefined;
  return state === undefined
    ? fail('unprocessable', 'This Task is no referral.', { code: 'business-rule' })
    : ok({ task, state, speaker });
}

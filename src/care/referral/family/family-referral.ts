import { visibilityOf } from '../../../access/decide.ts';
import type { Interaction } from '../../../access/types.ts';
import { fail, ok, type Result } from '../../../base/errors.ts';
import { isOfType, ofType } from '../../../fhir/of-type.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { OperationRequest } from '../../../module.ts';
import { seesAll } from '../../../store/types.ts';
import { foundBy, where } from '../../found.ts';
import { currentOf } from '../../stored.ts';
import { type CanonicalState, openStates, stateOf } from '../canonical-state.ts';
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
  const speaker = speakerOf(principal);
  if (!speaker.ok) return speaker;
  const state = fulfillsReferral(task) ? stateOf(task) : undefined;
  return state === undefined
    ? fail('unprocessable', 'This Task is no referral.', { code: 'business-rule' })
    : ok({ task, state, speaker: speaker.value });
}

/**
 * The same by the request, for a family that sees what was asked for its child and was not told the Task. A Task with a label that its request has
 * not is kept from whoever may not see it: then it is as if nobody was asked. Errors: no such request; not somebody of a family; nobody is asked now.
 */
export async function referralOfRequest({
  store,
  principal,
  id = '',
}: OperationRequest): Promise<Result<FamilyReferral>> {
  const visible = visibilityOf(principal, 'r');
  const order = currentOf(await store.readSeen('ServiceRequest', id, visible));
  if (!isOfType(order, 'ServiceRequest')) return fail('not-found', 'There is no such ServiceRequest.');
  const speaker = speakerOf(principal);
  if (!speaker.ok) return speaker;
  const filters = [where('Task', 'focus', 'reference', { kind: 'reference', type: 'ServiceRequest', id })];
  const found = await foundBy(store, { type: 'Task', filters, count: tasksMax }, seesAll);
  if (!found.ok) return found;
  for (const task of ofType(found.value.resources, 'Task')) {
    const state = fulfillsReferral(task) ? stateOf(task) : undefined;
    if (state === undefined || !openStates.has(state) || task.for?.reference !== order.subject?.reference) continue;
    const isTold = (await store.readSeen('Task', task.id ?? '', visible)) !== undefined;
    if (isTold || isLabelledLike(task, order)) return ok({ task, state, speaker: speaker.value });
  }
  const text = 'Nobody is asked to do this now. Tell the care team, or propose that it leaves the plan ($propose).';
  return fail('unprocessable', text, { code: 'business-rule' });
}

const tasksMax = 50;

function isLabelledLike(task: Resource, order: Resource): boolean {
  const known = new Set((order.meta?.security ?? []).map(({ code }) => code));
  return (task.meta?.security ?? []).every(({ code }) => known.has(code));
}

function speakerOf({ kind, fhirUser = '' }: OperationRequest['principal']): Result<string> {
  return kind === 'user' && /^(Patient|RelatedPerson)\//.test(fhirUser)
    ? ok(fhirUser)
    : fail('forbidden', 'This is for the child and the family. Others write it into the Task.');
}

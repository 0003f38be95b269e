import { visibilityOf } from '../../../access/decide.ts';
import { fail, ok, type Result } from '../../../base/errors.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Operation, OperationRequest } from '../../../module.ts';
import { actorOf } from '../../actor-of.ts';
import { currentOf } from '../../stored.ts';
import { statusFor } from '../canonical-state.ts';
import { type FamilyReferral, familyReferral, referralOfRequest } from './family-referral.ts';

/**
 * `POST Task/[id]/$withdraw`: the child or the family takes a referral back, and says why. It is asked to be cancelled, as by any other write of
 * theirs (the rules are the same), and whoever does the work confirms. Answers with the Task.
 */
export const withdrawOperation: Operation = {
  name: 'withdraw',
  definition: `${canonicalBase}/OperationDefinition/withdraw`,
  level: 'instance',
  resourceType: 'Task',
  affectsState: true,
  parameters: ['reason'],
  requires: [['Task', 'ru']],
  async handle(request) {
    const { store, principal, id = '' } = request;
    const done = await withdraw(request, await familyReferral(request, 'u'));
    if (!done.ok) return done;
    const told = currentOf(await store.readSeen('Task', id, visibilityOf(principal, 'r')));
    return told ? ok(told) : fail('not-found', 'There is no such Task.');
  },
};

/** `POST ServiceRequest/[id]/$withdraw`: the same by the request, which the family sees also where it was not told the Task. Answers with the request. */
export const withdrawRequestOperation: Operation = {
  name: 'withdraw',
  definition: `${canonicalBase}/OperationDefinition/withdraw-request`,
  level: 'instance',
  resourceType: 'ServiceRequest',
  affectsState: true,
  parameters: ['reason'],
  requires: [
    ['ServiceRequest', 'r'],
    ['Task', 'u'],
  ],
  async handle(request) {
    const { store, principal, id = '' } = request;
    const done = await withdraw(request, await referralOfRequest(request));
    if (!done.ok) return done;
    const told = currentOf(await store.readSeen('ServiceRequest', id, visibilityOf(principal, 'r')));
    return told ? ok(told) : fail('not-found', 'There is no such ServiceRequest.');
  },
};

async function withdraw(request: OperationRequest, found: Result<FamilyReferral>): Promise<Result<void>> {
  if (!found.ok) return found;
  const reason = request.parameters.text('reason')?.trim() ?? '';
  if (reason === '') return fail('invalid', 'reason is missing: say in a few words why.', { code: 'required' });
  const id = found.value.task.id ?? '';
  return request.store.transact(actorOf(request), async (tx) => {
    await tx.hold([{ type: 'Task', id }]);
    const task = currentOf(await tx.read('Task', id));
    if (!isOfType(task, 'Task')) return fail('not-found', 'There is no such Task.');
    const { businessStatus: _was, ...rest } = task;
    const written = await tx.update({ ...rest, ...statusFor('cancel-requested'), statusReason: { text: reason } });
    return written.ok ? ok(undefined) : written;
  });
}

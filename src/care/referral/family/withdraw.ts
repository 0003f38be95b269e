import { visibilityOf } from '../../../access/decide.ts';
import { fail, ok, type Result } from '../../../base/errors.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource } from '../../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../../module.ts';
import { actorOf } from '../../actor-of.ts';
import { currentOf } from '../../stored.ts';
import { statusFor } from '../canonical-state.ts';
import { familyReferral } from './family-referral.ts';

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
  handle,
};

async function handle(request: OperationRequest): Promise<Result<Resource>> {
  const { store, principal, parameters } = request;
  const found = await familyReferral(request, 'u');
  if (!found.ok) return found;
  const reason = parameters.text('reason')?.trim() ?? '';
  if (reason === '') return fail('invalid', 'reason is missing: say in a few words why.', { code: 'required' });
  const id = found.value.task.id ?? '';
  return store.transact(actorOf(request), async (tx) => {
    await tx.hold([{ type: 'Task', id }]);
    const task = currentOf(await tx.read('Task', id));
    if (!isOfType(task, 'Task')) return fail('not-found', 'There is no such Task.');
    const { businessStatus: _was, ...rest } = task;
    const asked = { ...rest, ...statusFor('cancel-requested'), statusReason: { text: reason } };
    const written = await tx.update(asked);
    if (!written.ok) return written;
    const told = currentOf(await tx.readSeen('Task', id, visibilityOf(principal, 'r')));
    return told ? ok(told) : fail('not-found', 'There is no such Task.');
  });
}

import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { checkWritten } from '../written-here.ts';
import { fulfillsReferral } from './states.ts';

const rule = 'referral-task-complete';

/** A Task that fulfills a referral says which one (focus) and for whom, and both are about the same child (decision D9). */
export const checkFulfillment = checkWritten(rule, 'Task', async (after, _before, tx) => {
  if (!isOfType(after, 'Task') || !fulfillsReferral(after)) return ok(undefined);
  if (after.focus === undefined) {
    return refuse(rule, 'A Task that fulfills a referral names the request as its focus.', 'Task.focus');
  }
  if (after.for === undefined) {
    return refuse(rule, 'A Task that fulfills a referral names the child in Task.for.', 'Task.for');
  }
  const requestId = localId(after.focus, 'ServiceRequest');
  const request = requestId === undefined ? undefined : currentOf(await tx.read('ServiceRequest', requestId));
  if (request !== undefined && childOf(request) !== childOf(after)) {
    return refuse(rule, 'The Task and the request it fulfills are about the same child.', 'Task.for');
  }
  return ok(undefined);
});

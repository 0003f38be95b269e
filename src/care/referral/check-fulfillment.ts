import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { checkWritten, concludeWritten } from '../written-here.ts';
import { fulfillsReferral } from './states.ts';

const rule = 'referral-task-complete';

/** A Task that fulfills a referral says which one (focus) and for whom (decision D9). */
export const checkFulfillment = checkWritten(rule, 'Task', (after) => {
  if (!isOfType(after, 'Task') || !fulfillsReferral(after)) return ok(undefined);
  if (after.focus === undefined) {
    return refuse(rule, 'A Task that fulfills a referral names the request as its focus.', 'Task.focus');
  }
  if (after.for === undefined) {
    return refuse(rule, 'A Task that fulfills a referral names the child in Task.for.', 'Task.for');
  }
  return ok(undefined);
});

/**
 * The request that it names here is about the same child. One of another child and one that is not here are refused alike, so that nobody learns
 * by a Task which requests other children have (PP-51). What was sent stays valid when its request is deleted.
 */
export const concludeFulfillment = concludeWritten(rule, 'Task', async (after, before, tx) => {
  if (!isOfType(after, 'Task') || !fulfillsReferral(after)) return ok(undefined);
  const requestId = localId(after.focus, 'ServiceRequest');
  if (requestId === undefined) return ok(undefined);
  const isAsBefore =
    isOfType(before, 'Task') &&
    localId(before.focus, 'ServiceRequest') === requestId &&
    childOf(before) === childOf(after);
  if (isAsBefore) return ok(undefined);
  const request = currentOf(await tx.read('ServiceRequest', requestId));
  if (request !== undefined && childOf(request) === childOf(after)) return ok(undefined);
  return refuse(rule, 'The request that a Task fulfills is kept here, for the same child.', 'Task.focus');
});

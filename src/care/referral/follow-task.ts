import { ok, type Result } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { followWritten } from '../written-here.ts';
import { type CanonicalState, openStates, stateOf } from './canonical-state.ts';
import { closedRequest, fulfillsReferral } from './states.ts';

/** What the request says when its Task comes into a state (decision D9); a state that is not here leaves it as it is. */
const requestStatus: Partial<Record<CanonicalState, r4.ServiceRequest['status']>> = {
  sent: 'active',
  accepted: 'active',
  active: 'active',
  scheduled: 'active',
  waitlisted: 'on-hold',
  // Somebody else has to be asked: the need is still there.
  declined: 'active',
  failed: 'active',
  cancelled: 'revoked',
  // Completed is not enough: whoever asked has to have looked at the outcome.
  'loop-closed': 'completed',
};

/**
 * The request follows the Task that fulfills it, in the Task's own transaction. One that is closed stays as it is, a hospital's is the
 * hospital's to change, and a cancelled Task revokes nothing while another one still works for the same request.
 */
export const followTask = followWritten('request-follows-task', 'Task', async (after, before, tx) => {
  const to = isOfType(after, 'Task') && fulfillsReferral(after) ? stateOf(after) : undefined;
  const from = isOfType(before, 'Task') ? stateOf(before) : undefined;
  const status = to === undefined || to === from ? undefined : requestStatus[to];
  const requestId = isOfType(after, 'Task') ? localId(after.focus, 'ServiceRequest') : undefined;
  if (status === undefined || requestId === undefined) return ok(undefined);
  // Told, not lived: a Task that comes with its history says nothing about a request that came with its own.
  if (before === undefined && to !== 'sent' && to !== 'waitlisted') return ok(undefined);
  if (status === 'revoked' && (await isServedOtherwise(requestId, after.id ?? '', tx))) return ok(undefined);
  return put(requestId, status, tx);
});

async function put(id: string, status: r4.ServiceRequest['status'], tx: Tx): Promise<Result<void>> {
  await tx.hold([{ type: 'ServiceRequest', id }]);
  const request = currentOf(await tx.read('ServiceRequest', id));
  if (!isOfType(request, 'ServiceRequest') || isMirror(request)) return ok(undefined);
  if (request.status === status || closedRequest.has(request.status)) return ok(undefined);
  const written = await tx.update({ ...request, status });
  return written.ok ? ok(undefined) : written;
}

async function isServedOtherwise(requestId: string, taskId: string, tx: Tx): Promise<boolean> {
  // Somebody else is asked in this very transaction: its row is written with the commit.
  const isPassedOn = tx.changes.some(({ id, before, after }) => {
    if (id === taskId || before !== undefined || !isOfType(after, 'Task')) return false;
    return localId(after.focus, 'ServiceRequest') === requestId && openStates.has(stateOf(after) ?? 'draft');
  });
  if (isPassedOn) return true;
  const rows = await tx.own.query(
    "SELECT 1 FROM task_clock WHERE request_id = $1 AND task_id <> $2 AND state NOT IN ('declined', 'failed') LIMIT 1",
    [requestId, taskId],
  );
  return rows.length > 0;
}

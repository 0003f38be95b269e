import { ok, type Result } from '../../base/errors.ts';
import type { JobHandler } from '../../module.ts';
import type { Actor, NewJob, Tx, WriteEffect } from '../../store/types.ts';
import { responsibleFor } from '../emergency/people-of.ts';
import { localId } from '../local-id.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { isOpenTask, isSameDayRequest, isUnanswered, unansweredTask } from './request-task.ts';

const kind = 'care.same-day';
const actor: Actor = { kind: 'system', id: 'care', requestId: `job:${kind}` };

/** Looks at one request, when its time is over or it was answered. */
export const sameDayJob = (taskId: string): NewJob => ({ kind, key: taskId });

/**
 * A request that nobody has answered in time gets one Task more, for whoever leads the child's care and else for who looks after it: the request itself
 * stays as it is, and is late (decision: neglect is not turned into an answer). Answered after all, that Task is done.
 */
export const escalateUnanswered: JobHandler = {
  kind,
  run: ({ key }, { store, clock }) =>
    store.transact(actor, async (tx): Promise<Result<void>> => {
      await tx.hold([{ type: 'Task', id: key }]);
      const request = currentOf(await tx.read('Task', key));
      const child = isSameDayRequest(request) ? localId(request.for, 'Patient') : undefined;
      if (!isSameDayRequest(request) || child === undefined) return ok(undefined);
      const told = await toldOf(tx, child, key);
      if (!isOpenTask(request)) return settle(tx, told);
      const due = new Date(request.restriction?.period?.end ?? clock.now());
      if (due > clock.now()) {
        await tx.enqueue({ ...sameDayJob(key), runAt: due });
        return ok(undefined);
      }
      if (told) return ok(undefined);
      const { lead, primaryCare } = await responsibleFor(tx, child);
      const written = await tx.create({ ...unansweredTask(request, lead ?? primaryCare, clock.now()) });
      return written.ok ? ok(undefined) : written;
    }),
};

async function toldOf(tx: Tx, child: string, requestId: string) {
  const tasks = (await tx.recordsOf([child], ['Task'])).map(({ stored }) => resourceOf(stored));
  return tasks.filter(isUnanswered).find(({ focus }) => localId(focus, 'Task') === requestId);
}

async function settle(tx: Tx, told: Awaited<ReturnType<typeof toldOf>>): Promise<Result<void>> {
  if (!told || !isOpenTask(told)) return ok(undefined);
  const written = await tx.update({ ...told, status: 'completed' });
  return written.ok ? ok(undefined) : written;
}

/** However a request came and went, by plain FHIR too, somebody looks at it in time; whoever answers need not be able to write other Tasks. */
export const watchRequests: WriteEffect = {
  name: 'same-day-watched',
  types: ['Task'],
  async apply({ id, before, after }, tx) {
    if (!isSameDayRequest(after)) return ok(undefined);
    const isOver = isSameDayRequest(before) && isOpenTask(before) && !isOpenTask(after);
    const due = new Date(after.restriction?.period?.end ?? 0);
    if (isOver) await tx.enqueue(sameDayJob(id));
    else if (before === undefined && isOpenTask(after)) await tx.enqueue({ ...sameDayJob(id), runAt: due });
    return ok(undefined);
  },
};

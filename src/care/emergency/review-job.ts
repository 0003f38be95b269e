import { ok, type Result } from '../../base/errors.ts';
import type { JobHandler } from '../../module.ts';
import type { Tx } from '../../store/types.ts';
import { careActor } from '../plan/care-actor.ts';
import { askForReview } from './review-task.ts';
import { holdStates, reasonsAt, writeState } from './state-row.ts';

export const reviewJobKind = 'care.emergency-review';

/**
 * Asks for the check of one child's emergency plan (the job's key is the patient id) when its time has come, once. A plan that was checked in
 * the meantime is looked at again when its next time comes; one that has ended, never. What the plan is rendered as does not wait for this job.
 */
export const reviewJob: JobHandler = {
  kind: reviewJobKind,
  run: ({ kind, key }, { store, clock }) =>
    store.transact(careActor(`job:${reviewJobKind}`), async (tx: Tx): Promise<Result<void>> => {
      const now = clock.now();
      await tx.lock(`emergency:${key}`);
      const state = (await holdStates(tx, [key])).get(key);
      if (state === undefined) return ok(undefined);
      if (now < state.dueAt) {
        await tx.enqueue({ kind, key, runAt: state.dueAt });
        return ok(undefined);
      }
      if (state.taskId !== undefined && state.reasons.some(({ code }) => code === state.dueReason))
        return ok(undefined);
      const reasons = reasonsAt(state, now);
      const asked = await askForReview(tx, state, reasons, now);
      if (asked.ok) await writeState(tx, { ...state, reasons, taskId: asked.value });
      return asked.ok ? ok(undefined) : asked;
    }),
};

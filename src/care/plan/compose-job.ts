import { ok } from '../../base/errors.ts';
import type { JobHandler } from '../../module.ts';
import { careActor } from './care-actor.ts';
import { composePlan } from './compose.ts';
import { composeJobKind } from './queue-compose.ts';

/** Composes one child's plan (the job's key is the patient id). A child that is gone needs no plan. */
export const composeJob: JobHandler = {
  kind: composeJobKind,
  run: async (job, { store, clock }) => {
    const composed = await store.transact(careActor(`job:${composeJobKind}`), (tx) =>
      composePlan(tx, job.key, { clock }),
    );
    return composed.ok || composed.error.kind === 'not-found' ? ok(undefined) : composed;
  },
};

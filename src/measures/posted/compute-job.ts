import type { Clock } from '../../base/clock.ts';
import { ok } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { JobHandler } from '../../module.ts';
import type { NewJob } from '../../store/types.ts';
import { sweepJob } from '../currency/sweep-job.ts';

const kind = 'measures.posted';

/**
 * The computation of measures that were posted or changed, for every child. It begins when every server has heard of them: a write on one
 * that had not would not have marked what it makes out of date, so answers from before are dropped.
 */
export function computeJob(measures: readonly string[], clock: Clock): NewJob {
  const runAt = new Date(clock.now().getTime() + limits.measures.heardMs);
  return { kind, key: newId(), payload: { measures }, runAt };
}

export function createComputeJob(): JobHandler {
  return {
    kind,
    async run({ key, payload: { measures } }, { store }) {
      const names = Array.isArray(measures) ? measures.filter((name) => typeof name === 'string') : [];
      return store.transact({ kind: 'system', id: 'measures', requestId: kind }, async (tx) => {
        tx.atEnd('DELETE FROM measure_result WHERE measure = ANY ($1)', [names]);
        await tx.enqueue({ kind: sweepJob.kind, key: `posted ${key}`, payload: { once: true } });
        return ok(undefined);
      });
    },
  };
}

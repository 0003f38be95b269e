import type { Clock } from '../base/clock.ts';
import { ok, type Result } from '../base/errors.ts';
import type { JobHandler } from '../module.ts';
import type { Store } from '../store/types.ts';
import { evaluatePopulation } from './evaluate-population.ts';
import { yearOf } from './period.ts';
import type { Period, ReadyMeasure } from './types.ts';

export const sweepJobKind = 'measures.sweep';

/** What a run over all measures and children came to. */
export interface Sweep {
  evaluated: number;
  /** Children a measure could not be evaluated for. */
  failed: number;
}

/**
 * Brings the results of every measure for every child up to date for one period (this calendar year unless given): what changed
 * while nobody evaluated, what older logic had found, and what time alone changes, such as the turn of the year.
 */
export async function evaluateAll(
  measures: readonly ReadyMeasure[],
  { store, clock, period }: { store: Store; clock: Clock; period?: Period },
): Promise<Result<Sweep>> {
  const sweep: Sweep = { evaluated: 0, failed: 0 };
  for (const measure of measures) {
    const context = { store, clock, requestId: 'measures.sweep' };
    const done = await evaluatePopulation(context, measure, period ?? yearOf(clock.now()), ({ failure }) => {
      sweep.evaluated += 1;
      if (failure !== undefined) sweep.failed += 1;
    });
    if (!done.ok) return done;
  }
  return ok(sweep);
}

/** The nightly sweep. It queues itself for shortly after the next midnight (UTC); the first one is queued at start. */
export function createSweepJob(measures: readonly ReadyMeasure[]): JobHandler {
  return {
    kind: sweepJobKind,
    async run(job, { store, clock, log }) {
      const sweep = await evaluateAll(measures, { store, clock });
      if (!sweep.ok) return sweep;
      log.info({ ...sweep.value }, 'measures swept');
      const now = clock.now();
      const runAt = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1, 0, 5));
      const actor = { kind: 'system', id: 'measures', requestId: 'measures.sweep' } as const;
      return store.transact(actor, async (tx) => ok(await tx.enqueue({ kind: job.kind, key: job.key, runAt })));
    },
  };
}

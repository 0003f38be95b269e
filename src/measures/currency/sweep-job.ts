import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import type { JobHandler } from '../../module.ts';
import type { NewJob, Store } from '../../store/types.ts';
import { yearOf } from '../period.ts';
import type { Period, ReadyMeasure } from '../types.ts';
import { evaluateBatch, evaluatePopulation } from './evaluate-population.ts';

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

/**
 * The nightly sweep, one batch of children a run, so that a stop of the server never waits for all of them. Each run queues the
 * next: the same measure further on, the next measure, or the first again shortly after midnight (UTC). The first run is queued
 * at start. Payload: `{ measure, cursor }`, both absent for a new sweep.
 */
export function createSweepJob(measures: readonly ReadyMeasure[]): JobHandler {
  return {
    kind: sweepJobKind,
    async run({ kind, key, payload }, { store, clock, log }) {
      const place = Math.max(
        measures.findIndex(({ name }) => name === payload.measure),
        0,
      );
      const measure = measures[place];
      if (!measure) return ok(undefined);
      const cursor = typeof payload.cursor === 'string' ? payload.cursor : undefined;
      const now = clock.now();
      let failed = 0;
      const context = { store, clock, requestId: 'measures.sweep' };
      const next = await evaluateBatch(context, measure, yearOf(now), cursor, ({ failure }) => {
        if (failure !== undefined) failed += 1;
      });
      if (!next.ok) return next;
      if (failed > 0) log.warn({ measure: measure.name, failed }, 'children could not be evaluated');
      const following = measures[place + 1];
      const job: NewJob = { kind, key };
      if (next.value !== undefined) job.payload = { measure: measure.name, cursor: next.value };
      else if (following) job.payload = { measure: following.name };
      else job.runAt = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1, 0, 5));
      const actor = { kind: 'system', id: 'measures', requestId: 'measures.sweep' } as const;
      return store.transact(actor, async (tx) => ok(await tx.enqueue(job)));
    },
  };
}

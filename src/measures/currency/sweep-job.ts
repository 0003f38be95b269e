import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { JobHandler } from '../../module.ts';
import type { NewJob, Store } from '../../store/types.ts';
import type { Period } from '../types.ts';
import { dayOf, endOf } from './day.ts';
import { type Evaluating, evaluateChildren } from './evaluate-children.ts';
import { nextChildren } from './evaluate-population.ts';
import type { Prepared, PreparedMeasure } from './prepared.ts';
import { yearOfDay } from './year.ts';

export const sweepJobKind = 'measures.sweep';

/** A new sweep, from the first child on. */
export const sweepJob: NewJob = { kind: sweepJobKind, key: 'all' };

/** What a run over all measures and children came to. */
export interface Sweep {
  evaluated: number;
  /** Of them, those that could not be: children times measures. */
  failed: number;
}

/**
 * Brings the answers of all children to these measures up to date for one period: what changed while nobody evaluated, what older logic
 * had found, and what time alone changes, such as the turn of the year. `progress` is told how many children were looked at.
 */
export async function evaluateAll(
  measures: readonly PreparedMeasure[],
  { store, clock, zone, period, progress }: Evaluating & { period?: Period; progress?: (children: number) => void },
): Promise<Result<Sweep>> {
  const sweep: Sweep = { evaluated: 0, failed: 0 };
  const of = period ?? yearOfDay(dayOf(clock.now(), zone));
  let after = '';
  let children = 0;
  for (;;) {
    const ids = await nextChildren(store, after, limits.measures.subjectsPerBatch);
    const last = ids.at(-1);
    if (last === undefined) return ok(sweep);
    const done = await evaluateChildren({ store, clock, zone }, measures, of, ids);
    sweep.evaluated += done.length;
    sweep.failed += done.filter(({ failure }) => failure !== undefined).length;
    children += ids.length;
    progress?.(children);
    after = last;
  }
}

/**
 * The nightly sweep, one batch of children a run, so that a stop of the server never waits for all of them. Each run queues the next, and
 * the last one the first of the next night, shortly after midnight in the reporter's zone. The first run is queued at start.
 * Payload: `{ after }`, absent for a new sweep; with `once` it ends with its last child.
 */
export function createSweepJob(prepared: () => Prepared, zone: string): JobHandler {
  return {
    kind: sweepJobKind,
    async run({ kind, key, payload }, { store, clock, log }) {
      const ids = await nextChildren(
        store,
        typeof payload.after === 'string' ? payload.after : '',
        limits.measures.subjectsPerBatch,
      );
      const today = dayOf(clock.now(), zone);
      const done = await evaluateChildren({ store, clock, zone }, prepared().measures, yearOfDay(today), ids);
      const failed = done.filter(({ failure }) => failure !== undefined).length;
      if (failed > 0) log.warn({ failed }, 'children could not be evaluated for a measure');
      const after = ids.at(-1);
      const job: NewJob = { kind, key };
      const once = payload.once === true;
      if (after === undefined && once) return ok(undefined);
      if (after !== undefined) job.payload = { after, ...(once && { once }) };
      else job.runAt = nextNight({ clock, zone });
      return queue(store, job);
    },
  };
}

/** Five minutes into tomorrow. */
export function nextNight({ clock, zone }: { clock: Clock; zone: string }): Date {
  return new Date(endOf(dayOf(clock.now(), zone), zone).getTime() + 1 + limits.measures.nightMs);
}

async function queue(store: Store, job: NewJob): Promise<Result<void>> {
  const actor = { kind: 'system', id: 'measures', requestId: 'measures.sweep' } as const;
  return store.transact(actor, async (tx) => ok(await tx.enqueue(job)));
}

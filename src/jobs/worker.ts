import type pg from 'pg';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/log.ts';
import type { Traffic } from '../base/traffic.ts';
import type { JobHandler } from '../module.ts';
import type { Store } from '../store/types.ts';
import { claim, releaseExpired } from './claim.ts';
import { listen } from './listen.ts';
import { runJob } from './run-job.ts';
import { forgetDone } from './settle.ts';

export interface Worker {
  /** Runs every job that is due, also those that come due by it, until none is left. Answers how many runs there were. */
  drain(): Promise<number>;
  /** Runs jobs as they come, woken by the database and by the clock. */
  start(): void;
  /** Takes no more jobs and waits for those that run. */
  stop(): Promise<void>;
}

export interface WorkerOptions {
  /** For the connection that listens; all else goes through the store. */
  pool: pg.Pool;
  store: Store;
  handlers: readonly JobHandler[];
  /** Jobs that run as they come give way to requests. */
  traffic?: Traffic;
  clock: Clock;
  log: Logger;
}

/** Lanes that found nothing wait here until they are woken or the poll interval has passed. */
function createBell() {
  let rung = 0;
  const waiting = new Set<() => void>();
  return {
    /** How often it has rung: a lane looks before it asks for work, so that a ring in between is not lost. */
    count: () => rung,
    ring() {
      rung++;
      for (const go of [...waiting]) go();
    },
    wait(seen: number): Promise<void> {
      if (rung !== seen) return Promise.resolve();
      return new Promise((resolve) => {
        const go = () => {
          clearTimeout(timer);
          waiting.delete(go);
          resolve();
        };
        const timer = setTimeout(go, limits.jobs.pollMs);
        waiting.add(go);
      });
    },
  };
}

/** Makes the worker of this process. Several processes may work on one queue. */
export function createWorker(options: WorkerOptions): Worker {
  const { pool, store, traffic, clock, log } = options;
  const handlers = new Map(options.handlers.map((handler) => [handler.kind, handler]));
  const kinds = [...handlers.keys()];
  const bell = createBell();
  let stopping = false;
  let running: Promise<unknown> | undefined;
  let listener: { close(): Promise<void> } | undefined;

  const runNext = async (): Promise<boolean> => {
    const job = await claim(store, clock, kinds);
    const handler = job && handlers.get(job.kind);
    if (!job || !handler) return false;
    await runJob(job, handler, { store, clock, log });
    return true;
  };

  const lane = async (isKeeper: boolean) => {
    while (!stopping) {
      const seen = bell.count();
      try {
        await traffic?.giveWay(limits.jobs.quietMs, limits.jobs.giveWayMs);
        if (isKeeper) await releaseExpired(store, clock);
        if (await runNext()) continue;
        if (isKeeper) await forgetDone(store, clock);
      } catch (error) {
        // The database is away: ask again at the next poll.
        log.warn({ cause: error instanceof Error ? error.name : undefined }, 'the worker could not ask for jobs');
        await bell.wait(bell.count());
        continue;
      }
      if (!stopping) await bell.wait(seen);
    }
  };

  return {
    async drain() {
      await releaseExpired(store, clock);
      let runs = 0;
      const lanes = Array.from({ length: limits.jobs.atOnce }, async () => {
        while (runs < limits.jobs.drainRuns && (await runNext())) runs++;
      });
      await Promise.all(lanes);
      return runs;
    },
    start() {
      if (running) return;
      stopping = false;
      listener = listen(pool, bell.ring, log);
      running = Promise.all(Array.from({ length: limits.jobs.atOnce }, (_, place) => lane(place === 0)));
    },
    async stop() {
      stopping = true;
      bell.ring();
      await running;
      running = undefined;
      await listener?.close();
      listener = undefined;
    },
  };
}

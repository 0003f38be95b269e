import type { Clock } from '../../../src/base/clock.ts';
import { createLogger } from '../../../src/base/log.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createWorker } from '../../../src/jobs/worker.ts';
import { type Currency, createCurrency } from '../../../src/measures/currency/currency.ts';
import { evaluateJobKind } from '../../../src/measures/currency/evaluate-job.ts';
import type { ReadyMeasure } from '../../../src/measures/types.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';

/** A database in which the answers to some measures are kept current, and a clock that tests move. */
export interface Kept {
  database: TestStore;
  currency: Currency;
  clock: Clock & { set(instant: string): void };
  /** The measures that can run; tests replace them. */
  measures: { all: readonly ReadyMeasure[] };
  put(...resources: Resource[]): Promise<void>;
  /** `<patient> <measure> current|stale|error`, for the year of now. */
  states(): Promise<string[]>;
  queued(): Promise<string[]>;
  /** Runs the evaluations that are queued. */
  runQueued(): Promise<void>;
  empty(): Promise<void>;
}

export function movableClock(instant: string): Kept['clock'] {
  let at = new Date(instant);
  return {
    now: () => at,
    set: (next) => {
      at = new Date(next);
    },
  };
}

export async function keptAnswers(
  all: readonly ReadyMeasure[],
  { zone = 'UTC', now = '2026-12-01T12:00:00Z' }: { zone?: string; now?: string } = {},
): Promise<Kept> {
  const clock = movableClock(now);
  const measures = { all };
  const currency = createCurrency({ measures: () => measures.all, clock, zone });
  const database = await createTestStore({ effects: currency.effects, clock });
  const { store, pool } = database;
  const queued = async () => {
    const rows = await store.query<{ key: string }>(
      "SELECT key FROM job WHERE state = 'ready' AND kind = $1 ORDER BY key",
      [evaluateJobKind],
    );
    return rows.map(({ key }) => key);
  };
  return {
    database,
    currency,
    clock,
    measures,
    queued,
    async put(...resources) {
      const written = await store.transact(testActor, async (tx) => {
        for (const resource of resources) {
          const result = await tx.update(resource);
          if (!result.ok) return result;
        }
        return { ok: true, value: undefined };
      });
      if (!written.ok) throw new Error(written.error.issues[0]?.text);
    },
    async states() {
      const today = clock.now().toISOString().slice(0, 10);
      const rows = await store.query<{ line: string }>(
        `SELECT r.patient_id || ' ' || r.measure || ' ' || CASE
            WHEN r.revision < greatest(c.all_changed, coalesce((c.changed ->> r.measure)::bigint, 0)) THEN 'stale'
            WHEN r.next_change_date <= $1 THEN 'due' WHEN r.answer IS NULL THEN 'error' ELSE 'current' END AS line
           FROM measure_result r JOIN measure_child c ON c.patient_id = r.patient_id
          WHERE extract(year FROM r.period_start) = extract(year FROM $1::date) ORDER BY 1`,
        [today],
      );
      return rows.map(({ line }) => line);
    },
    async runQueued() {
      const handlers = currency.jobs.filter(({ kind }) => kind === evaluateJobKind);
      await createWorker({ pool, store, handlers, clock, log: createLogger('silent') }).drain();
    },
    async empty() {
      const { rows } = await pool.query<{ name: string }>(
        "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '^(resource|measure_|job|change_log)'",
      );
      await pool.query(`TRUNCATE ${rows.map(({ name }) => name).join(', ')}`);
    },
  };
}

import { hash64 } from './hash.ts';
import type { Statement } from './session/pipeline.ts';
import type { NewJob } from './types.ts';

/** The channel a worker listens on. */
export const jobChannel = 'careweave_jobs';

/**
 * The statement that queues jobs. One that waits already is kept (and its row locked, so that no worker takes it before this transaction is seen;
 * written anew only where it changes); one that runs is marked to run once more. Rows are taken in one order everywhere, so that two transactions cannot deadlock.
 */
export function jobStatements(jobs: readonly NewJob[], now: Date): Statement[] {
  if (jobs.length === 0) return [];
  const byName = new Map(jobs.map((job) => [JSON.stringify([job.kind, job.key]), job]));
  const sorted = [...byName.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, job]) => job);
  const values = [
    sorted.map((job) => job.kind),
    sorted.map((job) => job.key),
    sorted.map((job) => JSON.stringify(job.payload ?? {})),
    sorted.map((job) => (job.runAt ?? now).toISOString()),
  ];
  return [{ text: enqueueText, values, name: 'enqueue', isSilent: true }];
}

/** The statement that queues what another one names; see `Tx.enqueueFound`. */
export function foundJobsStatement(text: string, values: readonly (readonly unknown[])[], now: Date): Statement {
  // The time is a list too: those of several transactions are joined.
  const queue = `WITH found (kind, key, payload) AS (${text})
  INSERT INTO job AS waiting (kind, key, payload, run_at)
  SELECT kind, key, payload, ($${values.length + 1}::timestamptz[])[1] FROM found ORDER BY kind, key
  ${orKept}`;
  return {
    text: queue,
    values: [...values, [now.toISOString()]],
    name: `found-${hash64(text)}`,
    isSilent: true,
    isList: true,
  };
}

const orKept = `
  ON CONFLICT (kind, key) WHERE state IN ('ready', 'running') DO UPDATE SET
    again = waiting.again OR waiting.state = 'running',
    payload = EXCLUDED.payload,
    run_at = CASE waiting.state WHEN 'ready' THEN least(waiting.run_at, EXCLUDED.run_at) ELSE EXCLUDED.run_at END
  WHERE waiting.state <> 'ready' OR waiting.run_at > EXCLUDED.run_at OR waiting.payload <> EXCLUDED.payload`;

const enqueueText = `
  INSERT INTO job AS waiting (kind, key, payload, run_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::timestamptz[])
  ${orKept}`;

import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';
import { type ClaimedJob, leaseEnd } from './claim.ts';

/** Seconds until the next attempt: doubled each time, never beyond the limit. */
export function backoffSeconds(attempt: number): number {
  const { backoffBaseSeconds, backoffMaxSeconds } = limits.jobs;
  return Math.min(backoffMaxSeconds, backoffBaseSeconds * 2 ** (attempt - 1));
}

/** Marks the job done, or ready to run once more when it was queued while it ran. */
export async function finish(sql: Sql, clock: Clock, job: ClaimedJob): Promise<void> {
  await sql.query(
    `UPDATE job SET state = CASE WHEN again THEN 'ready' ELSE 'done' END, again = false, lease_until = NULL,
            attempt = CASE WHEN again THEN 0 ELSE attempt END, last_error = NULL, finished_at = $3
      WHERE number = $1 AND fence = $2 AND state = 'running'`,
    [job.number, job.fence, clock.now().toISOString()],
  );
}

/**
 * Puts the job back for a later attempt, or among the dead after the last one. Only the kind of the error is kept: its text could
 * hold a person's data. A job that was queued again while it ran starts counting anew.
 */
export async function giveBack(
  sql: Sql,
  clock: Clock,
  job: ClaimedJob,
  error: { kind: string; retryAfterSeconds?: number },
): Promise<void> {
  const seconds = Math.max(backoffSeconds(job.attempt), error.retryAfterSeconds ?? 0);
  const runAt = new Date(clock.now().getTime() + seconds * 1000).toISOString();
  await sql.query(
    `UPDATE job SET state = CASE WHEN attempt >= $5 AND NOT again THEN 'dead' ELSE 'ready' END,
            attempt = CASE WHEN again THEN 0 ELSE attempt END, again = false, lease_until = NULL,
            run_at = $3, last_error = $4
      WHERE number = $1 AND fence = $2 AND state = 'running'`,
    [job.number, job.fence, runAt, error.kind, limits.jobs.attempts],
  );
}

/** Keeps the lease of a job that takes long. */
export async function renewLease(sql: Sql, clock: Clock, job: ClaimedJob): Promise<void> {
  await sql.query("UPDATE job SET lease_until = $3 WHERE number = $1 AND fence = $2 AND state = 'running'", [
    job.number,
    job.fence,
    leaseEnd(clock),
  ]);
}

/** Forgets jobs that were done long ago. */
export async function forgetDone(sql: Sql, clock: Clock): Promise<void> {
  const before = new Date(clock.now().getTime() - limits.jobs.keepDoneSeconds * 1000).toISOString();
  await sql.query("DELETE FROM job WHERE state = 'done' AND finished_at < $1", [before]);
}

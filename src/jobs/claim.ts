import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Job } from '../module.ts';
import type { Sql } from '../store/types.ts';

/** A job in our hands. Whoever holds a smaller fence has lost it. */
export interface ClaimedJob extends Job {
  number: string;
  fence: number;
}

export const leaseEnd = (clock: Clock) =>
  new Date(clock.now().getTime() + limits.jobs.leaseSeconds * 1000).toISOString();

/** Gives back jobs whose worker went away; one that has taken its worker with it too often is dead. */
export async function releaseExpired(sql: Sql, clock: Clock): Promise<void> {
  await sql.query(
    `UPDATE job SET lease_until = NULL, again = false, last_error = 'lease-expired',
            state = CASE WHEN attempt >= $2 AND NOT again THEN 'dead' ELSE 'ready' END,
            attempt = CASE WHEN again THEN 0 ELSE attempt END
      WHERE number IN (SELECT number FROM job WHERE state = 'running' AND lease_until < $1 FOR UPDATE SKIP LOCKED)`,
    [clock.now().toISOString(), limits.jobs.attempts],
  );
}

/** Takes the job that is due the longest, if there is one. Rows that another transaction holds are passed over. */
export async function claim(sql: Sql, clock: Clock, kinds: readonly string[]): Promise<ClaimedJob | undefined> {
  const rows = await sql.query<ClaimedJob>(
    `UPDATE job SET state = 'running', attempt = attempt + 1, fence = fence + 1, lease_until = $2
      WHERE number = (SELECT number FROM job WHERE state = 'ready' AND run_at <= $1 AND kind = ANY ($3::text[])
                       ORDER BY run_at, number LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING number, kind, key, payload, attempt, fence`,
    [clock.now().toISOString(), leaseEnd(clock), kinds],
  );
  return rows[0];
}

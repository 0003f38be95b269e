import type { Clock } from '../base/clock.ts';
import type { Sql } from '../store/types.ts';

/**
 * Takes other jobs of a kind that are due and counts them as done, in the transaction that does their work: when it is rolled back they are
 * waiting as before. For work that costs little more for many than for one. Answers with their keys. A job that is queued while its work
 * is under way waits for that transaction, and is then another one.
 */
export async function takeAlong(sql: Sql, clock: Clock, kind: string, most: number): Promise<string[]> {
  const rows = await sql.query<{ key: string }>(
    `UPDATE job SET state = 'done', finished_at = $2
      WHERE number IN (SELECT number FROM job WHERE kind = $1 AND state = 'ready' AND run_at <= $2
                        ORDER BY run_at, number LIMIT $3 FOR UPDATE SKIP LOCKED)
      RETURNING key`,
    [kind, clock.now().toISOString(), most],
    'take-along',
  );
  return rows.map(({ key }) => key);
}

import type { Clock } from '../../../base/clock.ts';
import { ok, type Result } from '../../../base/errors.ts';
import type { Reader, Sql, Tx } from '../../../store/types.ts';
import { currentOf } from '../../stored.ts';
import type { Changed } from '../changed.ts';
import { isRunning } from '../enrollment.ts';
import { timeZoneOf } from '../program-facts.ts';
import { isTimeZone, monthOf, nextMonth, startOf } from './month.ts';

/**
 * From the month in which a child is enrolled, or in which Careweave first knew of it, its primary care is told each month; the month in which the
 * enrollment ends is the last. What never was is not told of.
 */
export function keepDigest(zone: string): (changed: Changed, tx: Tx, clock: Clock) => Promise<Result<void>> {
  return async ({ id, is }, tx, clock) => {
    if (is === undefined || is.enrolledFrom === undefined || is.status === 'entered-in-error') {
      await tx.own.query('DELETE FROM enrollment_digest WHERE episode_id = $1', [id]);
      return ok(undefined);
    }
    if (!isRunning(is)) return ok(undefined);
    const own = await programZone(tx, is.programId, zone);
    const now = monthOf(clock.now(), own);
    const month = [is.enrolledFrom.slice(0, 7), now].sort().at(-1) ?? now;
    await tx.own.query(
      'INSERT INTO enrollment_digest (episode_id, month, due_at) VALUES ($1, $2, $3) ON CONFLICT (episode_id) DO NOTHING',
      [id, month, startOf(nextMonth(month), own)],
    );
    return ok(undefined);
  };
}

/** The time zone in which a program counts its months. One that a program was brought with and that there is not counts as none. */
export async function programZone(reader: Reader, programId: string | undefined, zone: string): Promise<string> {
  const own = timeZoneOf(currentOf(await reader.read('HealthcareService', programId ?? '')));
  return own !== undefined && isTimeZone(own) ? own : zone;
}

export interface DueDigest {
  episode_id: string;
  month: string;
}

export function dueDigests(sql: Sql, now: Date, count: number): Promise<DueDigest[]> {
  return sql.query<DueDigest>(
    'SELECT episode_id, month FROM enrollment_digest WHERE due_at <= $1 ORDER BY due_at, episode_id LIMIT $2',
    [now, count],
  );
}

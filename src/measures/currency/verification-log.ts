import type { Sql } from '../../store/types.ts';
import type { Verification } from './verify.ts';

/** Adds what a verification found to the counts that the metrics tell, by measure. */
export async function noteVerification(sql: Sql, { checked, differing }: Verification, now: Date): Promise<void> {
  const counts = [...differing];
  await sql.query(
    `INSERT INTO measure_verification AS known (measure, checked, differing, at)
     SELECT *, $4::timestamptz FROM unnest($1::text[], $2::bigint[], $3::bigint[])
     ON CONFLICT (measure) DO UPDATE SET checked = known.checked + EXCLUDED.checked,
       differing = known.differing + EXCLUDED.differing, at = EXCLUDED.at`,
    [
      ['', ...counts.map(([measure]) => measure)],
      [checked, ...counts.map(() => 0)],
      [0, ...counts.map(([, n]) => n)],
      now.toISOString(),
    ],
  );
}

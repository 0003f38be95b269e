import type { Sql } from '../store/types.ts';
import type { Warning } from './pull/warnings.ts';
import type { Counts } from './reconcile/counts.ts';

export interface RunProgress {
  total: number;
  done: number;
}

/** The row that a run leaves behind: what `sync status` shows. No person's data goes into it. */
export async function startRun(sql: Sql, siteId: string): Promise<string> {
  // A run that was killed is still marked as running; holding the lease proves that it is over.
  await sql.query(
    `update ehr_run set state = 'failed', finished_at = clock_timestamp(), error = 'The run was cut off.'
     where site = $1 and state = 'running'`,
    [siteId],
  );
  const [row] = await sql.query<{ id: string }>(
    `insert into ehr_run (site, state) values ($1, 'running') returning id::text`,
    [siteId],
  );
  return row?.id ?? '0';
}

export async function noteProgress(sql: Sql, runId: string, progress: RunProgress): Promise<void> {
  await sql.query('update ehr_run set patients_total = $2, patients_done = $3 where id = $1', [
    runId,
    progress.total,
    progress.done,
  ]);
}

export async function finishRun(
  sql: Sql,
  runId: string,
  end: { counts: Counts; warnings: readonly Warning[]; error?: string },
): Promise<void> {
  await sql.query(
    `update ehr_run set state = $2, finished_at = clock_timestamp(), counts = $3::jsonb, warnings = $4::jsonb, error = $5
     where id = $1`,
    [
      runId,
      end.error === undefined ? 'done' : 'failed',
      JSON.stringify(end.counts),
      JSON.stringify(end.warnings),
      end.error ?? null,
    ],
  );
}

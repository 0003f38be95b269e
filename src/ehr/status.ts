import type { Sql } from '../store/types.ts';
import type { Warning } from './pull/warnings.ts';
import type { Counts } from './reconcile/counts.ts';
import { listSites } from './sites/registry.ts';

/** What an operator sees of a site. Counts and codes only: no person's data, no text of the site. */
export interface SiteStatus {
  site: string;
  name: string;
  state: 'live' | 'paused';
  running: boolean;
  lastRun?: {
    id: string;
    state: 'running' | 'done' | 'failed';
    startedAt: string;
    finishedAt?: string;
    patients: { total: number; done: number };
    counts: Counts;
    warnings: Warning[];
    error?: string;
  };
  patients: number;
  mirrors: number;
  missing: number;
  outbox: Record<string, number>;
  /** Rows that an operator must look at, by kind and reason. */
  rejected: { kind: string; reason: string; count: number }[];
  identityConflicts: number;
}

interface RunRow {
  id: string;
  state: 'running' | 'done' | 'failed';
  started_at: Date;
  finished_at: Date | null;
  patients_total: number;
  patients_done: number;
  counts: Counts;
  warnings: Warning[];
  error: string | null;
}

export async function syncStatus(sql: Sql): Promise<SiteStatus[]> {
  const statuses: SiteStatus[] = [];
  for (const site of await listSites(sql)) {
    const status: SiteStatus = {
      site: site.id,
      name: site.name,
      state: site.state,
      ...(await numbersOf(sql, site.id)),
      outbox: await outboxOf(sql, site.id),
      rejected: await rejectedOf(sql, site.id),
    };
    const lastRun = await lastRunOf(sql, site.id);
    if (lastRun) status.lastRun = lastRun;
    statuses.push(status);
  }
  return statuses;
}

async function numbersOf(sql: Sql, site: string) {
  const [row] = await sql.query<{
    running: boolean;
    patients: number;
    mirrors: number;
    missing: number;
    conflicts: number;
  }>(
    `select coalesce(lease_until > clock_timestamp(), false) as running,
       (select count(*) from ehr_link where site = $1 and type = 'Patient')::int as patients,
       (select count(*) from ehr_link where site = $1 and mirror)::int as mirrors,
       (select count(*) from ehr_seen where site = $1 and missing_since is not null)::int as missing,
       (select count(*) from ehr_identity_conflict where site = $1)::int as conflicts
     from ehr_site where id = $1`,
    [site],
  );
  return {
    running: row?.running ?? false,
    patients: row?.patients ?? 0,
    mirrors: row?.mirrors ?? 0,
    missing: row?.missing ?? 0,
    identityConflicts: row?.conflicts ?? 0,
  };
}

async function outboxOf(sql: Sql, site: string): Promise<Record<string, number>> {
  const rows = await sql.query<{ state: string; count: number }>(
    'select state, count(*)::int as count from ehr_outbox where site = $1 group by state order by state',
    [site],
  );
  return Object.fromEntries(rows.map((row) => [row.state, row.count]));
}

function rejectedOf(sql: Sql, site: string): Promise<SiteStatus['rejected']> {
  return sql.query(
    `select kind, coalesce(last_error, '') as reason, count(*)::int as count from ehr_outbox
     where site = $1 and state = 'rejected' group by 1, 2 order by 1, 2`,
    [site],
  );
}

async function lastRunOf(sql: Sql, site: string): Promise<SiteStatus['lastRun']> {
  const [row] = await sql.query<RunRow>(
    `select id::text, state, started_at, finished_at, patients_total, patients_done, counts, warnings, error
     from ehr_run where site = $1 order by ehr_run.id desc limit 1`,
    [site],
  );
  if (!row) return undefined;
  return {
    id: row.id,
    state: row.state,
    startedAt: row.started_at.toISOString(),
    ...(row.finished_at ? { finishedAt: row.finished_at.toISOString() } : {}),
    patients: { total: row.patients_total, done: row.patients_done },
    counts: row.counts,
    warnings: row.warnings,
    ...(row.error === null ? {} : { error: row.error }),
  };
}

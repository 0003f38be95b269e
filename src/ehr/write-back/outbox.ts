import type { Sql } from '../../store/types.ts';
import { leaseOwner } from '../lease-owner.ts';

export type OutboxKind = 'referral' | 'plan-document';

/** The name of the job that delivers what waits for a site. */
export const deliverJob = 'ehr.deliver';

export interface OutboxRow {
  id: string;
  site: string;
  kind: OutboxKind;
  resourceId: string;
  patientId: string;
  change: string;
  state: 'pending' | 'sending';
  idemKey?: string;
  contentHash?: string;
  attempt: number;
}

/** What is to be brought to sites. */
interface Wanted {
  kind: OutboxKind;
  type: string;
  /** The setting by which a site says that it takes such. */
  setting: 'referrals' | 'planDocument';
  /** SQL that gives `resource` and `child`, and what `where` asks, from values that are lists. */
  from: string;
  /** Of a row `w` of it and a site `s`: is it for that site? */
  where?: string;
}

/** Statements of constant text, for `Tx.atEnd` and `Tx.enqueueFound`. */
export interface Asking {
  rows: string;
  jobs: string;
}

/**
 * Asks, with the commit, for resources to be brought to every live site that knows their child and takes such. One row waits per resource and
 * site: a newer change only marks it, and says whose it is now. While one is being sent, a second row waits behind it.
 */
export function asking({ kind, type, setting, from, where = 'true' }: Wanted): Asking {
  const rows = `
    INSERT INTO ehr_outbox AS waiting (site, kind, type, resource_id, patient_id)
    SELECT DISTINCT s.id, '${kind}', '${type}', w.resource, w.child
      FROM (${from}) AS w
      JOIN ehr_link l ON l.type = 'Patient' AND l.id = w.child
      JOIN ehr_site s ON s.id = l.site AND s.state = 'live' AND s.config -> 'writeBack' -> '${setting}' = 'true'::jsonb
     WHERE ${where}
     ORDER BY 1, 4
    ON CONFLICT (site, kind, resource_id) WHERE state = 'pending' DO UPDATE SET change = waiting.change + 1,
      patient_id = EXCLUDED.patient_id`;
  const jobs = `
    SELECT DISTINCT '${deliverJob}', o.site, jsonb_build_object('site', o.site)
      FROM (${from}) AS w JOIN ehr_outbox o ON o.kind = '${kind}' AND o.resource_id = w.resource AND o.state = 'pending'`;
  return { rows, jobs };
}

interface ClaimedRow {
  id: string;
  site: string;
  kind: OutboxKind;
  resource_id: string;
  patient_id: string;
  change: string;
  state: 'pending' | 'sending';
  idem_key: string | null;
  content_hash: string | null;
  attempt: number;
}

/**
 * Takes the oldest due row of a site under a lease. `attempt` is its fence: whoever took the row later has a higher one. A row
 * waits while an older one of the same resource is unsettled.
 */
export async function claimRow(sql: Sql, siteId: string, leaseSeconds: number): Promise<OutboxRow | undefined> {
  const [row] = await sql.query<ClaimedRow>(
    `update ehr_outbox o set attempt = attempt + 1, lease_owner = $3,
       lease_until = clock_timestamp() + make_interval(secs => $2)
     where o.id = (
       select c.id from ehr_outbox c
       where c.site = $1 and c.state in ('pending', 'sending') and c.next_at <= clock_timestamp()
         and (c.lease_until is null or c.lease_until <= clock_timestamp())
         and not exists (select 1 from ehr_outbox e where e.site = c.site and e.kind = c.kind
           and e.resource_id = c.resource_id and e.state = 'sending' and e.id < c.id)
       order by c.id limit 1 for update skip locked)
     returning o.id::text, o.site, o.kind, o.resource_id, o.patient_id, o.change::text, o.state, o.idem_key, o.content_hash,
       o.attempt`,
    [siteId, leaseSeconds, leaseOwner()],
  );
  if (!row) return undefined;
  return {
    id: row.id,
    site: row.site,
    kind: row.kind,
    resourceId: row.resource_id,
    patientId: row.patient_id,
    change: row.change,
    state: row.state,
    attempt: row.attempt,
    ...(row.idem_key === null ? {} : { idemKey: row.idem_key }),
    ...(row.content_hash === null ? {} : { contentHash: row.content_hash }),
  };
}

/** A request may wait for two tokens and be sent twice (401), each up to the outbound bound: the lease outlives that. */
const sendingLeases = 5;

/**
 * Marks a row before its request leaves: from here on the outcome is unknown until the site has been looked at. False when the
 * resource changed since the row was taken (build it again) or someone else took the row. The lease is made longer than any
 * request can take, so that nobody looks, and sends again, while the first request is still on its way.
 */
export async function markSending(
  sql: Sql,
  row: OutboxRow,
  mark: { idemKey: string; contentHash: string; leaseSeconds: number },
): Promise<boolean> {
  const marked = await sql.query(
    `update ehr_outbox set state = 'sending', idem_key = $4, content_hash = $5,
       lease_until = clock_timestamp() + make_interval(secs => $6)
     where id = $1 and attempt = $2 and change = $3 returning 1`,
    [row.id, row.attempt, row.change, mark.idemKey, mark.contentHash, mark.leaseSeconds * sendingLeases],
  );
  return marked.length > 0;
}

/** Lets go of a row without a verdict. */
export async function releaseRow(sql: Sql, row: OutboxRow): Promise<void> {
  await sql.query('update ehr_outbox set lease_until = null where id = $1 and attempt = $2', [row.id, row.attempt]);
}

/** Another try later; `pending`: certainly not done, `sending`: it may have been done, so the next try looks first. */
export async function postpone(
  sql: Sql,
  row: OutboxRow,
  next: { state: 'pending' | 'sending'; seconds: number; status?: number; error: string },
): Promise<void> {
  // A second row may wait behind this one by now: then this one has nothing left to say.
  const behind = next.state === 'pending' ? await hasPending(sql, row) : false;
  if (behind) return drop(sql, row);
  await sql.query(
    `update ehr_outbox set state = $3, lease_until = null, last_status = $4, last_error = $5,
       next_at = clock_timestamp() + make_interval(secs => $6)
     where id = $1 and attempt = $2`,
    [row.id, row.attempt, next.state, next.status ?? null, next.error, next.seconds],
  );
}

async function hasPending(sql: Sql, row: OutboxRow): Promise<boolean> {
  const found = await sql.query(
    `select 1 from ehr_outbox where site = $1 and kind = $2 and resource_id = $3 and state = 'pending' and id <> $4`,
    [row.site, row.kind, row.resourceId, row.id],
  );
  return found.length > 0;
}

/**
 * The end of a row: confirmed, or rejected for an operator to see. What was rejected earlier of the same resource is settled
 * with it, so that the list of rejections says what is wrong now.
 */
export async function settle(
  sql: Sql,
  row: OutboxRow,
  end: { state: 'confirmed' | 'rejected'; status?: number | undefined; error?: string },
): Promise<void> {
  await sql.query(
    `with settled as (
       update ehr_outbox set state = $3, lease_until = null, last_status = $4, last_error = $5,
         settled_at = clock_timestamp()
       where id = $1 and attempt = $2 returning id, site, kind, resource_id)
     delete from ehr_outbox o using settled s
     where o.site = s.site and o.kind = s.kind and o.resource_id = s.resource_id and o.state = 'rejected' and o.id < s.id`,
    [row.id, row.attempt, end.state, end.status ?? null, end.error ?? null],
  );
}

/**
 * A row that turned out to need no request leaves no trace: every run asks again, and the list would only grow. One that was
 * changed since it was taken stays, and is due again.
 */
export async function drop(sql: Sql, row: OutboxRow): Promise<void> {
  const dropped = await sql.query('delete from ehr_outbox where id = $1 and attempt = $2 and change = $3 returning 1', [
    row.id,
    row.attempt,
    row.change,
  ]);
  if (dropped.length === 0) await releaseRow(sql, row);
}

/** When the next row of a site can be taken; undefined: none waits. A row behind an unsettled one waits for that one. */
export async function nextDue(sql: Sql, siteId: string): Promise<Date | undefined> {
  const [next] = await sql.query<{ at: Date | null }>(
    `select min(greatest(c.next_at, coalesce(c.lease_until, c.next_at))) as at from ehr_outbox c
     where c.site = $1 and c.state in ('pending', 'sending')
       and not exists (select 1 from ehr_outbox e where e.site = c.site and e.kind = c.kind
         and e.resource_id = c.resource_id and e.state = 'sending' and e.id < c.id)`,
    [siteId],
  );
  return next?.at ?? undefined;
}

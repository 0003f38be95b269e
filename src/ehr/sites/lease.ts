import { fail, ok, type Result } from '../../base/errors.ts';
import type { Sql } from '../../store/types.ts';
import { freeDeadLeases, leaseOwner } from '../lease-owner.ts';

/**
 * One run of a site at a time, in all processes. The database's clock decides, because our servers' clocks may differ; the
 * fence goes up with every lease, and a run checks it in every transaction that writes.
 */
export async function takeLease(sql: Sql, siteId: string, seconds: number): Promise<Result<number>> {
  await freeDeadLeases(sql);
  const [row] = await sql.query<{ fence: string }>(
    `update ehr_site set lease_until = clock_timestamp() + make_interval(secs => $2), fence = fence + 1,
       lease_owner = $3
     where id = $1 and (lease_until is null or lease_until <= clock_timestamp()) returning fence`,
    [siteId, seconds, leaseOwner()],
  );
  if (row) return ok(Number(row.fence));
  const [held] = await sql.query<{ seconds: number }>(
    `select greatest(1, ceil(extract(epoch from lease_until - clock_timestamp())))::int as seconds from ehr_site where id = $1`,
    [siteId],
  );
  if (!held) return fail('not-found', `There is no site ${siteId}.`);
  return fail(
    'conflict',
    `A sync of the site ${siteId} is running. Wait for it to end; if its machine is gone, try again in ${held.seconds} s.`,
  );
}

export async function extendLease(sql: Sql, siteId: string, fence: number, seconds: number): Promise<void> {
  await sql.query(
    'update ehr_site set lease_until = clock_timestamp() + make_interval(secs => $3) where id = $1 and fence = $2',
    [siteId, fence, seconds],
  );
}

export async function releaseLease(sql: Sql, siteId: string, fence: number): Promise<void> {
  await sql.query('update ehr_site set lease_until = null where id = $1 and fence = $2', [siteId, fence]);
}

/** For use in a transaction: holds the lease's row, so that nobody can take it over before the commit. */
export async function holdFence(tx: Sql, siteId: string, fence: number): Promise<Result<void>> {
  const [row] = await tx.query('select 1 from ehr_site where id = $1 and fence = $2 for share', [siteId, fence]);
  return row ? ok(undefined) : fail('conflict', `Another sync of the site ${siteId} has taken over.`);
}

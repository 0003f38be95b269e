import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isAlive, startTime } from '../store/embedded/process.ts';
import type { Sql } from '../store/types.ts';

/** Where process ids mean the same processes: this machine, and this container of it. */
function place(): string {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** Names this process for a lease, so that a later one on the same machine can tell whether it is still there. */
export function leaseOwner(): string {
  return JSON.stringify([place(), process.pid, startTime(process.pid)]);
}

/** True only when the owner was certainly a process of this place that is gone (or whose id another one has now). */
function isGone(owner: string): boolean {
  const parts: unknown = JSON.parse(owner);
  if (!Array.isArray(parts)) return false;
  const [at, pid, started] = parts;
  if (at !== place() || typeof pid !== 'number') return false;
  return !isAlive(pid) || (typeof started === 'string' && started !== startTime(pid));
}

/** Ends the leases of processes that were killed. Those on other machines run out by themselves. */
export async function freeDeadLeases(sql: Sql): Promise<void> {
  const held = await sql.query<{ lease_owner: string }>(
    `select lease_owner from ehr_site where lease_until > clock_timestamp() and lease_owner is not null
     union select lease_owner from ehr_outbox where lease_until > clock_timestamp() and lease_owner is not null`,
  );
  const gone = held.map((row) => row.lease_owner).filter(isGone);
  if (gone.length === 0) return;
  await sql.query('update ehr_site set lease_until = null where lease_owner = any ($1)', [gone]);
  await sql.query('update ehr_outbox set lease_until = null where lease_owner = any ($1)', [gone]);
}

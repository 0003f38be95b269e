import type { Sql } from '../../store/types.ts';
import { capabilityHash } from './capability.ts';
import type { Discovery } from './discover.ts';

/** Stores what a site can do; tells whether that differs from the last time (the first time is no difference). */
export async function keepDiscovery(sql: Sql, siteId: string, found: Discovery, now: Date): Promise<boolean> {
  const hash = capabilityHash(found.capability);
  const [before] = await sql.query<{ discovery_hash: string | null }>(
    'select discovery_hash from ehr_site where id = $1',
    [siteId],
  );
  await sql.query('update ehr_site set discovery = $2::jsonb, discovery_hash = $3, discovered_at = $4 where id = $1', [
    siteId,
    JSON.stringify(found),
    hash,
    now,
  ]);
  return before?.discovery_hash != null && before.discovery_hash !== hash;
}

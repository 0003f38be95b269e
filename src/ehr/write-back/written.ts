import type { Sql } from '../../store/types.ts';
import type { OutboxRow } from './outbox.ts';

/** What a site holds of ours, as last confirmed. */
export interface WrittenAtSite {
  ehrType: string;
  ehrId: string;
  idemKey: string;
  contentHash: string;
}

export async function writtenAtSite(sql: Sql, row: OutboxRow): Promise<WrittenAtSite | undefined> {
  const [found] = await sql.query<{ ehr_type: string; ehr_id: string; idem_key: string; content_hash: string }>(
    'select ehr_type, ehr_id, idem_key, content_hash from ehr_written where site = $1 and kind = $2 and resource_id = $3',
    [row.site, row.kind, row.resourceId],
  );
  if (!found) return undefined;
  return { ehrType: found.ehr_type, ehrId: found.ehr_id, idemKey: found.idem_key, contentHash: found.content_hash };
}

/** Remembers a confirmed write. A referral is linked, so that the site's references to it lead to ours. */
export async function keepWritten(sql: Sql, row: OutboxRow, written: WrittenAtSite, now: Date): Promise<void> {
  await sql.query(
    `insert into ehr_written (site, kind, resource_id, ehr_type, ehr_id, idem_key, content_hash, confirmed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (site, kind, resource_id) do update set ehr_type = excluded.ehr_type, ehr_id = excluded.ehr_id,
       idem_key = excluded.idem_key, content_hash = excluded.content_hash, confirmed_at = excluded.confirmed_at`,
    [row.site, row.kind, row.resourceId, written.ehrType, written.ehrId, written.idemKey, written.contentHash, now],
  );
  if (row.kind !== 'referral') return;
  await sql.query(
    `insert into ehr_link (site, type, ehr_id, id, mirror, how) values ($1, $2, $3, $4, false, 'written')
     on conflict do nothing`,
    [row.site, written.ehrType, written.ehrId, row.resourceId],
  );
}

import { ok, type Result } from '../../base/errors.ts';
import { stringifyJson } from '../../fhir/json.ts';
import type { Tx } from '../../store/types.ts';
import { contentHash } from '../content-hash.ts';
import { holdFence } from '../sites/lease.ts';
import type { Slice } from './crawl-patient.ts';

export interface KeepContext {
  siteId: string;
  fence: number;
  runId: string;
  now: Date;
}

/**
 * Keeps what was pulled for one patient: every body once per content, which content is the current one, and that the
 * slice was pulled, all in the caller's transaction. What has gone missing is marked, and nothing is deleted.
 */
export async function keepSlice(tx: Tx, slice: Slice, context: KeepContext): Promise<Result<void>> {
  const fenced = await holdFence(tx, context.siteId, context.fence);
  if (!fenced.ok) return fenced;
  const { siteId, runId, now } = context;
  const types = slice.resources.map((resource) => resource.resourceType);
  const ids = slice.resources.map((resource) => String(resource.id));
  const hashes = slice.resources.map(contentHash);
  await tx.query(
    `insert into ehr_raw (site, type, ehr_id, content_hash, body, fetched_at, run_id)
     select $1, m.type, m.ehr_id, m.hash, m.body, $6, $7
     from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as m (type, ehr_id, hash, body)
     on conflict do nothing`,
    [siteId, types, ids, hashes, slice.resources.map(stringifyJson), now, runId],
  );
  await tx.query(
    `insert into ehr_seen (site, slice, type, ehr_id, content_hash, run_id)
     select $1, $2, m.type, m.ehr_id, m.hash, $6 from unnest($3::text[], $4::text[], $5::text[]) as m (type, ehr_id, hash)
     on conflict (site, slice, type, ehr_id) do update
       set content_hash = excluded.content_hash, run_id = excluded.run_id, missing_since = null`,
    [siteId, slice.patientId, types, ids, hashes, runId],
  );
  await tx.query(
    `update ehr_seen set missing_since = $4
     where site = $1 and slice = $2 and run_id <> $3 and missing_since is null and type = any ($5)`,
    [siteId, slice.patientId, runId, now, slice.completeTypes],
  );
  await tx.query(
    `insert into ehr_slice (site, patient, run_id, pulled_at) values ($1, $2, $3, $4)
     on conflict (site, patient) do update set run_id = excluded.run_id, pulled_at = excluded.pulled_at, applied_at = null`,
    [siteId, slice.patientId, runId, now],
  );
  return ok(undefined);
}

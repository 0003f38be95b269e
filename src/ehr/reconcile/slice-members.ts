import { isResource } from '../../fhir/is-resource.ts';
import { parseJson } from '../../fhir/json.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Sql } from '../../store/types.ts';

export interface Member {
  raw: Resource;
  ehrId: string;
  hash: string;
}

/** What a slice holds now, from the raw bodies: applying needs no request to the site, so it can be done again at any time. */
export async function sliceMembers(sql: Sql, siteId: string, patientId: string): Promise<Member[]> {
  const rows = await sql.query<{ ehr_id: string; content_hash: string; body: string }>(
    `select s.ehr_id, s.content_hash, r.body from ehr_seen s
     join ehr_raw r on r.site = s.site and r.type = s.type and r.ehr_id = s.ehr_id and r.content_hash = s.content_hash
     where s.site = $1 and s.slice = $2 and s.missing_since is null
     order by s.type <> 'Patient', s.type, s.ehr_id`,
    [siteId, patientId],
  );
  return rows.flatMap((row) => {
    const raw = parseJson(row.body);
    return isResource(raw) ? [{ raw, ehrId: row.ehr_id, hash: row.content_hash }] : [];
  });
}

import type { Sql } from '../../store/types.ts';
import type { EhrRef } from '../normalize/references.ts';

/** One row of the crosswalk: what a site calls a resource, and what we call it. */
export interface Link {
  type: string;
  ehrId: string;
  id: string;
  /** The content is the site's; false for a resource of ours that the site also knows. */
  mirror: boolean;
  how: string;
  /** Content hash of the normalized form that was last applied. */
  appliedHash?: string;
}

interface LinkRow {
  type: string;
  ehr_id: string;
  id: string;
  mirror: boolean;
  how: string;
  applied_hash: string | null;
}

function toLink(row: LinkRow): Link {
  const link: Link = { type: row.type, ehrId: row.ehr_id, id: row.id, mirror: row.mirror, how: row.how };
  if (row.applied_hash !== null) link.appliedHash = row.applied_hash;
  return link;
}

/** The links of these resources of a site, by `Type/<id at the site>`. */
export async function linksOf(sql: Sql, siteId: string, refs: readonly EhrRef[]): Promise<Map<string, Link>> {
  const rows = await sql.query<LinkRow>(
    `select l.type, l.ehr_id, l.id, l.mirror, l.how, l.applied_hash
     from unnest($2::text[], $3::text[]) as w (type, ehr_id)
     join ehr_link l on l.site = $1 and l.type = w.type and l.ehr_id = w.ehr_id`,
    [siteId, refs.map((ref) => ref.type), refs.map((ref) => ref.ehrId)],
  );
  return new Map(rows.map((row) => [`${row.type}/${row.ehr_id}`, toLink(row)]));
}

export async function saveLinks(sql: Sql, siteId: string, links: readonly Link[]): Promise<void> {
  if (links.length === 0) return;
  await sql.query(
    `insert into ehr_link (site, type, ehr_id, id, mirror, how, applied_hash)
     select $1, n.* from unnest($2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::text[]) as n
     on conflict (site, type, ehr_id) do update set applied_hash = excluded.applied_hash`,
    [
      siteId,
      links.map((link) => link.type),
      links.map((link) => link.ehrId),
      links.map((link) => link.id),
      links.map((link) => link.mirror),
      links.map((link) => link.how),
      links.map((link) => link.appliedHash ?? null),
    ],
  );
}

/** What one site calls a child of ours; undefined when the site does not know the child. A child with two charts at a site has the older link. */
export async function ehrPatient(sql: Sql, siteId: string, patientId: string): Promise<string | undefined> {
  const [row] = await sql.query<{ ehr_id: string }>(
    `select ehr_id from ehr_link where type = 'Patient' and id = $2 and site = $1 order by linked_at, ehr_id limit 1`,
    [siteId, patientId],
  );
  return row?.ehr_id;
}

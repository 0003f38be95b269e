import type { Sql } from '../../store/types.ts';
import { siteIdentifier } from '../normalize/generic.ts';
import type { Shape } from '../shape.ts';

/** What other sites call a child, as identifiers: a mirror of one site keeps the names that the others use. */
export async function otherCharts(sql: Sql, siteId: string, patientId: string): Promise<Shape[]> {
  const rows = await sql.query<{ ehr_id: string; base_url: string }>(
    `select l.ehr_id, s.base_url from ehr_link l join ehr_site s on s.id = l.site
     where l.type = 'Patient' and l.id = $2 and l.site <> $1 order by l.site, l.ehr_id`,
    [siteId, patientId],
  );
  return rows.map((row) => siteIdentifier(row.base_url, { type: 'Patient', ehrId: row.ehr_id }));
}

import type { Sql } from '../../store/types.ts';

/** Of the patients of a site those whose child was not erased here: what an operator has erased no sync brings back (store/erase). */
export async function notErased(sql: Sql, siteId: string, ehrIds: readonly string[]): Promise<string[]> {
  const erased = await sql.query<{ id: string }>(
    `SELECT w.id FROM unnest($2::text[]) AS w (id) JOIN ehr_erased e
       ON e.site = $1 AND e.patient_hash = encode(sha256(convert_to(e.site || ' ' || w.id, 'UTF8')), 'hex')`,
    [siteId, ehrIds],
  );
  if (erased.length === 0) return [...ehrIds];
  const gone = new Set(erased.map(({ id }) => id));
  return ehrIds.filter((id) => !gone.has(id));
}

import { type Query, type ResourceRow, resourceColumns, toStored } from './rows.ts';
import type { Stored } from './types.ts';

/**
 * The current records of some types that are about these patients (not those in which they merely took part), in the order they were
 * first written. A record about several of them comes once for each. For trusted inner work: nothing is hidden.
 */
export async function recordsOf(
  query: Query,
  patientIds: readonly string[],
  types: readonly string[],
): Promise<{ patientId: string; stored: Stored }[]> {
  const rows = await query<ResourceRow & { about: string }>(
    `SELECT ${resourceColumns}, r.patient_id AS about FROM resource r
      WHERE r.patient_id = ANY ($1::text[]) AND r.type = ANY ($2::text[]) AND NOT r.deleted
     UNION ALL
     SELECT ${resourceColumns}, p.patient_id FROM resource_patient p JOIN resource r ON r.key = p.key
      WHERE p.patient_id = ANY ($1::text[]) AND p.is_subject AND r.type = ANY ($2::text[]) AND NOT r.deleted
     ORDER BY key`,
    [patientIds, types],
    'records-of',
  );
  return rows.map((row) => ({ patientId: row.about, stored: toStored(row) }));
}

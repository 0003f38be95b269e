import { type AuditEntry, entryText } from './entry.ts';

/**
 * Lets entries wait for the sealer. Whose records were touched is looked up here: a look at the primary key of each, in the statement
 * that is sent anyway. `$1` entries, `$2` patients known already, as array literals, `$3`–`$5` what was touched: which entry, type, id.
 * A list within a SELECT does not tell the planner its length: else a short one looks so cheap that the statement is planned anew each time.
 */
export const insertText = `
  WITH touched AS MATERIALIZED (
    SELECT t.at, r.key, r.patient_id
      FROM unnest((SELECT $3::integer[]), $4::text[], $5::text[]) AS t (at, type, id)
      JOIN resource r ON r.type = t.type AND r.id = t.id
     WHERE r.patient_id IS NOT NULL)
  INSERT INTO audit_pending (entry, patients)
  SELECT g.entry, ARRAY(
           SELECT unnest(g.patients::text[])
           UNION SELECT t.patient_id FROM touched t WHERE t.at = g.at
           UNION SELECT p.patient_id FROM touched t JOIN resource_patient p ON p.key = t.key WHERE t.at = g.at
           ORDER BY 1)
    FROM unnest((SELECT $1::text[]), $2::text[]) WITH ORDINALITY AS g (entry, patients, at)
   ORDER BY g.at`;

/** The same, without waiting for the disk: after a crash of the database the last moments may be missing (docs/audit.md). */
export const bufferedText = insertText.replace(
  'ORDINALITY AS g (entry, patients, at)',
  `ORDINALITY AS g (entry, patients, at), (SELECT set_config('synchronous_commit', 'off', true)) AS quick`,
);

const patientId = /^[A-Za-z0-9\-.]{1,64}$/;
const reference = /^([A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;

export function insertValues(entries: readonly AuditEntry[], at: Date): unknown[] {
  const which: number[] = [];
  const types: string[] = [];
  const ids: string[] = [];
  const patients: string[] = [];
  for (const [place, { touched = [], patients: known = [], settled }] of entries.entries()) {
    patients.push(
      `{${[...new Set(known)]
        .filter((id) => patientId.test(id))
        .map((id) => `"${id}"`)
        .join(',')}}`,
    );
    for (const text of touched) {
      if (settled?.has(text)) continue;
      const [, type, id] = reference.exec(text) ?? [];
      if (type === undefined || id === undefined) continue;
      which.push(place + 1);
      types.push(type);
      ids.push(id);
    }
  }
  return [entries.map((entry) => entryText(entry, at)), patients, which, types, ids];
}

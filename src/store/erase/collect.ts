import type { Query } from '../rows.ts';

/** What of the child's records is found. */
export interface Found {
  /** `Type/id` of each record that goes. */
  names: string[];
  /** Those that other children are in too: they go with neither. */
  shared: string[];
}

/**
 * Notes in tables of this transaction alone what is to go: the child; every record that is about it, deleted ones too; `also`, which the operator
 * has named; the files (Binary) that these name, in whatever version.
 */
export async function collect(query: Query, patientId: string, also: readonly string[]): Promise<Found> {
  for (const text of temporary) await query(text);
  await query('INSERT INTO erased_child (id) VALUES ($1)', [patientId]);
  await query(recordsText, [patientId, also]);
  await query(filesText);
  await query('ANALYZE erased');
  await query(
    `INSERT INTO erased_chart SELECT l.site, l.ehr_id FROM ehr_link l WHERE l.type = 'Patient' AND l.id = $1`,
    [patientId],
  );
  await query(
    'INSERT INTO erased_account SELECT account_id FROM auth_account_link WHERE fhir_user IN (SELECT name FROM erased)',
  );
  const shared = await query<{ name: string }>(sharedText, [patientId]);
  return { names: await namesOf(query), shared: shared.map(({ name }) => name) };
}

/** What is noted to go now. */
export async function namesOf(query: Query): Promise<string[]> {
  const names = await query<{ name: string }>('SELECT name FROM erased ORDER BY name');
  return names.map(({ name }) => name);
}

const temporary = [
  'CREATE TEMP TABLE erased_child (id text COLLATE "C") ON COMMIT DROP',
  `CREATE TEMP TABLE erased (key bigint PRIMARY KEY, type text COLLATE "C", id text COLLATE "C", name text COLLATE "C" UNIQUE) ON COMMIT DROP`,
  'CREATE TEMP TABLE erased_chart (site text, ehr_id text) ON COMMIT DROP',
  'CREATE TEMP TABLE erased_account (account_id uuid) ON COMMIT DROP',
];

const recordsText = `
  INSERT INTO erased (key, type, id, name)
  SELECT r.key, r.type, r.id, r.type || '/' || r.id FROM resource r
   WHERE r.patient_id = $1 OR (r.type = 'Patient' AND r.id = $1)
      OR r.key IN (SELECT p.key FROM resource_patient p WHERE p.patient_id = $1 AND p.is_subject)
      OR (r.type, r.id) IN (SELECT split_part(name, '/', 1), split_part(name, '/', 2) FROM unnest($2::text[]) AS also (name))`;

const filesText = `
  INSERT INTO erased (key, type, id, name)
  SELECT r.key, r.type, r.id, r.type || '/' || r.id FROM resource r
   WHERE r.type = 'Binary' AND r.id IN (
     SELECT m[1] FROM (SELECT content FROM resource JOIN erased USING (key)
                       UNION ALL SELECT content FROM resource_history JOIN erased USING (key)) AS own,
       regexp_matches(own.content, '"[^"]*\\mBinary/([A-Za-z0-9.-]{1,64})[^"]*"', 'g') AS m)
  ON CONFLICT DO NOTHING`;

const sharedText = `
  SELECT e.name FROM erased e JOIN resource r USING (key)
   WHERE r.patient_id <> $1
      OR EXISTS (SELECT FROM resource_patient p WHERE p.key = e.key AND p.is_subject AND p.patient_id <> $1)
   ORDER BY 1`;

import type { IndexRow } from '../index-row.ts';
import type { Query } from '../rows.ts';
import { selfToken } from '../search/token.ts';
import type { Actor, Stored, WriteOutcome } from '../types.ts';

/** Everything one statement needs to write one version. */
export interface VersionRow {
  stored: Stored;
  index: IndexRow;
  outcome: Exclude<WriteOutcome, 'unchanged'>;
  actor: Actor;
}

/** Side rows of `target.key`; the same text serves a new row and a replaced one. */
const sideRows = (target: string) => `
  further AS (INSERT INTO resource_patient (key, patient_id)
    SELECT ${target}.key, p FROM ${target}, unnest($10::text[]) AS p),
  texts AS (INSERT INTO resource_string (key, param, text, exact)
    SELECT ${target}.key, s.* FROM ${target}, unnest($11::bigint[], $12::text[], $13::text[]) AS s),
  spans AS (INSERT INTO resource_date (key, param, range_start, range_end)
    SELECT ${target}.key, d.* FROM ${target}, unnest($14::bigint[], $15::timestamptz[], $16::timestamptz[]) AS d),
  numbers AS (INSERT INTO resource_number (key, param, low, high)
    SELECT ${target}.key, n.* FROM ${target}, unnest($21::bigint[], $22::numeric[], $23::numeric[]) AS n),
  logged AS (INSERT INTO change_log (type, id, version, outcome, patient_id, actor_kind, actor_id, request_id, at)
    SELECT $1, $2, $3, $17, $7, $18, $19, $20, $4 FROM ${target})`;

const insertText = `
  WITH made AS (INSERT INTO resource (type, id, version, last_updated, method, content, patient_id, tokens, sort_values, self)
    VALUES ($1, $2, $3, $4::timestamptz, $5, $6, $7, $8::bigint[], $9::jsonb, $24::bigint)
    ON CONFLICT (type, id) DO NOTHING RETURNING key),
  ${sideRows('made')}
  SELECT key FROM made`;

const replaceText = `
  WITH kept AS (INSERT INTO resource_history (key, version, last_updated, deleted, method, content)
    SELECT key, version, last_updated, deleted, method, content FROM resource WHERE key = $25),
  no_patients AS (DELETE FROM resource_patient WHERE key = $25),
  no_texts AS (DELETE FROM resource_string WHERE key = $25),
  no_spans AS (DELETE FROM resource_date WHERE key = $25),
  no_numbers AS (DELETE FROM resource_number WHERE key = $25),
  target AS (SELECT $25::bigint AS key),
  ${sideRows('target')}
  UPDATE resource SET version = $3, last_updated = $4::timestamptz, method = $5, content = $6, patient_id = $7,
    tokens = $8::bigint[], sort_values = $9::jsonb, deleted = $26, self = $24::bigint
  WHERE type = $1 AND id = $2 AND key = $25
  RETURNING key`;

function valuesOf({ stored, index, outcome, actor }: VersionRow): unknown[] {
  const [patient = null, ...further] = index.patients;
  return [
    stored.type,
    stored.id,
    stored.version,
    stored.lastUpdated,
    stored.method,
    stored.json,
    patient,
    `{${index.tokens.join(',')}}`,
    index.sortValues,
    further,
    index.strings.map((entry) => entry.param),
    index.strings.map((entry) => entry.text),
    index.strings.map((entry) => entry.exact),
    index.dates.map((entry) => entry.param),
    index.dates.map((entry) => entry.start),
    index.dates.map((entry) => entry.end),
    outcome,
    actor.kind,
    actor.id,
    actor.requestId,
    index.numbers.map((entry) => entry.param),
    index.numbers.map((entry) => entry.low),
    index.numbers.map((entry) => entry.high),
    selfToken(stored.type, stored.id),
  ];
}

/** Writes a first version in one round trip. Answers false when the identity is taken. */
export async function insertRow(query: Query, row: VersionRow): Promise<boolean> {
  const rows = await query(insertText, valuesOf(row), 'insert');
  return rows.length === 1;
}

/** Writes the next version over the locked row `key`, keeping the one before in the history. */
export async function replaceRow(query: Query, key: string, row: VersionRow): Promise<void> {
  const rows = await query(replaceText, [...valuesOf(row), key, row.stored.deleted], 'replace');
  if (rows.length !== 1) throw new Error('the row to replace was not there');
}

import { limits } from '../../base/limits.ts';
import { parseContent } from '../content.ts';
import { furtherPatients, type IndexRow, indexRow } from '../index-row.ts';
import type { StoreParts } from '../parts.ts';
import type { Query } from '../rows.ts';
import { selfToken } from '../search/token.ts';

/** A resource as it is read for indexing; `content` is '' for a deleted one. */
export interface SourceRow {
  key: string;
  type: string;
  id: string;
  version: number;
  content: string;
}

/** A resource with its index worked out; `index` is undefined for a deleted one, which nothing finds. */
export interface IndexedRow extends SourceRow {
  index?: IndexRow;
  /** Its labelled parts are not in the index. */
  isWithoutParts?: boolean;
}

/** The next resources after a key, in the order of keys, of some types or of all; bounded in number and in bytes, at least one. */
export function readStretch(
  query: Query,
  after: string,
  only?: { types?: readonly string[]; count: number },
): Promise<SourceRow[]> {
  const { batchRows, batchBytes } = limits.reindex;
  return query<SourceRow>(
    `SELECT key, type, id, version, content FROM (
       SELECT *, sum(octet_length(content)) OVER (ORDER BY key) - octet_length(content) AS bytes_before
         FROM (SELECT key, type, id, version, content FROM resource
                WHERE key > $1 AND ($2::text[] IS NULL OR (type = ANY ($2) AND NOT deleted))
                ORDER BY key LIMIT $3) AS few) AS measured
      WHERE bytes_before < ${batchBytes} ORDER BY key`,
    [after, only?.types ?? null, only?.count ?? batchRows],
    'read-stretch',
  );
}

/** Works out what each resource is found by. */
export function indexed(parts: Pick<StoreParts, 'extract'>, rows: readonly SourceRow[]): IndexedRow[] {
  return rows.map((row) => {
    if (row.content === '') return row;
    const resource = parseContent(row.content);
    const entries = parts.extract(resource);
    return { ...row, index: indexRow(resource, entries), isWithoutParts: entries.isWithoutParts === true };
  });
}

// Whose a deleted record was, and by what it inherits, stays as it is: its text is gone. What was not told in part is not told so from now on either:
// which categories its parts have is known when it is written.
const rewriteText = `
  WITH given AS (SELECT * FROM unnest($1::bigint[], $2::integer[], $3::bigint[], $4::boolean[], $5::text[], $6::text[], $7::jsonb[],
      $23::boolean[]) AS g (key, version, self, living, patient_id, tokens, sort_values, without_parts)),
  done AS (UPDATE resource r SET self = g.self, tokens = CASE WHEN g.living THEN g.tokens::bigint[] ELSE r.tokens END, sort_values = g.sort_values,
      patient_id = CASE WHEN g.living THEN g.patient_id ELSE r.patient_id END,
      part_categories = CASE WHEN g.without_parts THEN r.part_categories END
    FROM given g WHERE r.key = g.key AND r.version = g.version RETURNING r.key, g.living),
  no_patients AS (DELETE FROM resource_patient s USING done WHERE s.key = done.key AND done.living),
  no_texts AS (DELETE FROM resource_string s USING done WHERE s.key = done.key),
  no_spans AS (DELETE FROM resource_date s USING done WHERE s.key = done.key),
  no_numbers AS (DELETE FROM resource_number s USING done WHERE s.key = done.key),
  further AS (INSERT INTO resource_patient (key, patient_id, is_subject)
    SELECT p.* FROM unnest($8::bigint[], $9::text[], $10::boolean[]) AS p (key, patient_id, is_subject) JOIN done USING (key)),
  texts AS (INSERT INTO resource_string (key, param, text, exact)
    SELECT s.* FROM unnest($11::bigint[], $12::bigint[], $13::text[], $14::text[]) AS s (key, param, text, exact)
      JOIN done USING (key)),
  spans AS (INSERT INTO resource_date (key, param, range_start, range_end)
    SELECT d.* FROM unnest($15::bigint[], $16::bigint[], $17::timestamptz[], $18::timestamptz[])
      AS d (key, param, range_start, range_end) JOIN done USING (key)),
  numbers AS (INSERT INTO resource_number (key, param, low, high)
    SELECT n.* FROM unnest($19::bigint[], $20::bigint[], $21::numeric[], $22::numeric[]) AS n (key, param, low, high)
      JOIN done USING (key))
  SELECT count(*)::integer AS written FROM done`;

/** One list for all rows, each item with the key of its row. */
function keyed<T>(rows: readonly IndexedRow[], itemsOf: (index: IndexRow) => readonly T[]): { key: string; item: T }[] {
  return rows.flatMap(({ key, index }) => (index ? itemsOf(index).map((item) => ({ key, item })) : []));
}

function valuesOf(rows: readonly IndexedRow[]): unknown[] {
  const further = keyed(rows, furtherPatients);
  const strings = keyed(rows, (index) => index.strings);
  const dates = keyed(rows, (index) => index.dates);
  const numbers = keyed(rows, (index) => index.numbers);
  return [
    rows.map(({ key }) => key),
    rows.map(({ version }) => version),
    rows.map(({ type, id }) => selfToken(type, id)),
    rows.map(({ index }) => index !== undefined),
    rows.map(({ index }) => index?.patients[0] ?? null),
    rows.map(({ index }) => `{${index?.tokens.join(',') ?? ''}}`),
    rows.map(({ index }) => index?.sortValues ?? '{}'),
    further.map(({ key }) => key),
    further.map(({ item }) => item.id),
    further.map(({ item }) => item.isSubject),
    strings.map(({ key }) => key),
    strings.map(({ item }) => item.param),
    strings.map(({ item }) => item.text),
    strings.map(({ item }) => item.exact),
    dates.map(({ key }) => key),
    dates.map(({ item }) => item.param),
    dates.map(({ item }) => item.start),
    dates.map(({ item }) => item.end),
    numbers.map(({ key }) => key),
    numbers.map(({ item }) => item.param),
    numbers.map(({ item }) => item.low),
    numbers.map(({ item }) => item.high),
    rows.map(({ isWithoutParts = false }) => isWithoutParts),
  ];
}

/** Writes the index of many resources in one statement. A resource that has a newer version by now is left alone. */
export async function writeIndex(query: Query, rows: readonly IndexedRow[]): Promise<void> {
  if (rows.length > 0) await query(rewriteText, valuesOf(rows), 'rewrite-index');
}

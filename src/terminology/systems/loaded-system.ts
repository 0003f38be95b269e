import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Sql } from '../../store/types.ts';
import type { Concept, ConceptFilter, Designation, Selection, SystemReader } from '../types.ts';
import { newestFirst } from '../versions.ts';
import { keepMatching, tooMany } from './memory-system.ts';

interface SystemRow {
  id: string;
  version: string;
  name: string | null;
  properties: Record<string, string>;
}

interface ConceptRow {
  code: string;
  display: string | null;
  parents: string[];
  properties: Record<string, string[]>;
  designations: Designation[];
  active: boolean;
  abstract: boolean;
  position: number;
}

const columns = 'code, display, parents, properties, designations, active, abstract, position';

/** A code system of the concept tables; undefined when it is not loaded (in that version). Without a version: the newest. */
export async function loadedSystem(store: Sql, url: string, version?: string): Promise<SystemReader | undefined> {
  const sql = withoutNul(store);
  const rows = await sql.query<SystemRow>(
    'SELECT id, version, name, properties FROM terminology_system WHERE url = $1 AND ($2::text IS NULL OR version = $2)',
    [url, version ?? null],
  );
  const [newest] = rows.sort(newestFirst);
  return newest && readerOf(sql, url, newest);
}

/**
 * PostgreSQL takes no NUL in a text. No loaded code or word has one, so text that does is asked for with another character that none has.
 */
function withoutNul(sql: Sql): Sql {
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replaceAll('\0', '\u{10FFFF}');
    return Array.isArray(value) ? value.map(clean) : value;
  };
  return { query: (text, values) => sql.query(text, values?.map(clean)) };
}

function readerOf(sql: Sql, url: string, { id, version, name, properties }: SystemRow): SystemReader {
  const reader: SystemReader = {
    url,
    complete: true,
    properties: new Map(Object.entries(properties)),
    async find(codes) {
      const rows = await sql.query<ConceptRow>(
        `SELECT ${columns} FROM terminology_concept WHERE system_id = $1 AND code = ANY($2) ORDER BY position`,
        [id, codes],
      );
      return rows.map(conceptOf);
    },
    async ancestors(code) {
      const rows = await sql.query<{ ancestors: string[] }>(
        'SELECT ancestors FROM terminology_concept WHERE system_id = $1 AND code = $2',
        [id, code],
      );
      return new Set(rows[0]?.ancestors);
    },
    select: (selection) => select(sql, id, selection),
  };
  if (version !== '') reader.version = version;
  if (name !== null) reader.name = name;
  return reader;
}

function conceptOf({ display, position: _, ...row }: ConceptRow): Concept {
  return display === null ? row : { ...row, display };
}

/** Rows read at a time where a pattern has to look at each. */
const scanned = 10_000;

async function select(sql: Sql, id: string, selection: Selection): Promise<Result<Concept[]>> {
  const { expansion } = limits.terminology;
  const patterns = selection.filters.filter(({ op }) => op === 'regex');
  if (patterns.length === 0) {
    const rows = await rowsOf(sql, id, selection, -1, expansion + 1);
    return rows.length > expansion ? tooMany() : ok(rows.map(conceptOf));
  }
  const found: Concept[] = [];
  for (let after = -1; ; ) {
    const rows = await rowsOf(sql, id, selection, after, scanned);
    let matching = rows.map(conceptOf);
    for (const pattern of patterns) {
      const kept = keepMatching(pattern, matching);
      if (!kept.ok) return kept;
      matching = kept.value;
    }
    for (const concept of matching) found.push(concept);
    if (found.length > expansion) return tooMany();
    const last = rows.at(-1);
    if (!last || rows.length < scanned) return ok(found);
    after = last.position;
  }
}

/** Rows past a position that fit everything but the patterns. */
async function rowsOf(sql: Sql, id: string, selection: Selection, after: number, limit: number): Promise<ConceptRow[]> {
  const values: unknown[] = [id];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const terms = ['system_id = $1'];
  if (after >= 0) terms.push(`position > ${bind(after)}`);
  if (selection.among) terms.push(`code = ANY(${bind(selection.among)}::text[])`);
  if (selection.activeOnly) terms.push('active');
  // Words are letters and digits only, so that they need no escaping inside the quotes.
  const query = selection.words.map((word) => `'${word}':*`).join(' & ');
  if (query !== '') terms.push(`words @@ ${bind(query)}::tsquery`);
  for (const filter of selection.filters) if (filter.op !== 'regex') terms.push(termOf(filter, bind));
  return sql.query<ConceptRow>(
    `SELECT ${columns} FROM terminology_concept WHERE ${terms.join(' AND ')} ORDER BY position LIMIT ${bind(limit)}`,
    values,
  );
}

/** One filter as an SQL condition; the twin of the predicates in memory-system.ts. */
function termOf({ op, property, values }: ConceptFilter, bind: (value: unknown) => string): string {
  const value = () => `${bind(values[0] ?? '')}::text`;
  switch (op) {
    case 'is-a':
      return `(code = ${value()} OR ancestors @> ARRAY[${value()}])`;
    case 'is-not-a':
      return `NOT (code = ${value()} OR ancestors @> ARRAY[${value()}])`;
    case 'descendent-of':
      return `ancestors @> ARRAY[${value()}]`;
    case 'generalizes':
      return `(code = ${value()} OR code = ANY(ARRAY(SELECT unnest(below.ancestors) FROM terminology_concept below
        WHERE below.system_id = $1 AND below.code = ${value()})))`;
    case 'not-in':
      return `NOT (${valuesTerm(property, bind)} && ${bind(values)}::text[])`;
    case 'exists':
      return `(cardinality(${valuesTerm(property, bind)}) > 0) = ${bind(values[0] === 'true')}::boolean`;
    default:
      return `${valuesTerm(property, bind)} && ${bind(values)}::text[]`;
  }
}

/** The values of a property as an SQL array; the twin of `valuesOf` in compose/filters.ts. */
function valuesTerm(property: string, bind: (value: unknown) => string): string {
  if (property === 'code') return 'ARRAY[code]';
  if (property === 'display') return 'array_remove(ARRAY[display], NULL)';
  if (property === 'parent') return 'parents';
  if (property === 'inactive') return 'ARRAY[(NOT active)::text]';
  return `ARRAY(SELECT jsonb_array_elements_text(properties -> ${bind(property)}::text))`;
}

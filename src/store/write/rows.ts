import { type CategoryRow, sourceLocks } from '../categories.ts';
import { furtherPatients, type IndexRow } from '../index-row.ts';
import { selfToken } from '../search/token.ts';
import type { Statement } from '../session/pipeline.ts';
import { textArray } from '../session/wire-value.ts';
import type { Actor, Stored, WriteOutcome } from '../types.ts';

/** Everything that is written about one version. */
export interface VersionRow {
  stored: Stored;
  index: IndexRow;
  categories: CategoryRow;
  outcome: Exclude<WriteOutcome, 'unchanged'>;
  actor: Actor;
  /** A first version whose id was made here: nobody can have referred to it before. */
  isOurs?: boolean;
}

/** A version with the number of its resource. */
export interface KeyedRow extends VersionRow {
  key: string;
}

/** The statements that write first versions. An identity that is taken is a fault of the database: `resource_identity`. */
export function insertStatements(rows: readonly KeyedRow[]): Statement[] {
  return rows.length === 0 ? [] : [insertResources(rows), ...sideStatements(rows)];
}

/** Taken before rows are written, so that none misses what it inherits, and nothing that inherits from it is missed. */
export function sourceLockStatements(rows: readonly VersionRow[]): Statement[] {
  const locks = sourceLocks(
    rows.map(({ stored: { type, id, version, deleted }, categories, isOurs }) => ({
      self: selfToken(type, id),
      categories,
      isAwaited: version === 1 && isOurs !== true,
      isDeleted: deleted,
    })),
  );
  if (locks.length === 0) return [];
  const values = [locks.map(({ number }) => number), locks.map(({ isExclusive }) => isExclusive)];
  return [{ text: locksText, values, name: 'lock-sources', isSilent: true }];
}

const locksText = `
  SELECT CASE WHEN exclusive THEN pg_advisory_xact_lock(7262018, n) ELSE pg_advisory_xact_lock_shared(7262018, n) END
    FROM unnest($1::integer[], $2::boolean[]) AS l (n, exclusive)`;

function withoutItself(sources: readonly string[], { type, id }: Stored): readonly string[] {
  if (sources.length === 0) return sources;
  const self = selfToken(type, id);
  return sources.filter((source) => source !== self);
}

/** The statements that write the next versions over locked rows, keeping those before in the history. */
export function replaceStatements(rows: readonly KeyedRow[]): Statement[] {
  if (rows.length === 0) return [];
  const keys = [rows.map(({ key }) => key)];
  const clear = sideTables.map((table) => ({
    text: `DELETE FROM ${table} WHERE key = ANY ($1::bigint[])`,
    values: keys,
    name: `clear-${table}`,
    isSilent: true,
  }));
  return [
    { text: keepText, values: keys, name: 'keep', isSilent: true },
    ...clear,
    replaceResources(rows),
    ...sideStatements(rows),
  ];
}

const sideTables = ['resource_patient', 'resource_string', 'resource_date', 'resource_number'] as const;

const keepText = `
  INSERT INTO resource_history (key, version, last_updated, deleted, method, content)
  SELECT key, version, last_updated, deleted, method, content FROM resource
   WHERE key = ANY ((SELECT $1::bigint[])::bigint[])`;

/**
 * What the two statements on `resource` have in common: $1 to $11. The lists of lists come as text. Within a SELECT a list does not tell
 * its length: else one or two rows look so cheap that the statement is planned anew each time.
 */
const given = `unnest((SELECT $1::bigint[]), $2::integer[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::bigint[], $10::text[], $11::bigint[]`;
const columns = 'key, version, last_updated, method, content, patient_id, tokens, sort_values, own, sources, parts';

/** What a row inherits. */
const inherited = `coalesce((SELECT bit_or(s.categories) FROM resource s
  WHERE s.self = ANY (g.sources::bigint[]) AND s.categories <> 0), 0)`;

function valuesOf(rows: readonly KeyedRow[]): unknown[] {
  return [
    rows.map(({ key }) => key),
    rows.map(({ stored }) => stored.version),
    rows.map(({ stored }) => stored.lastUpdated),
    rows.map(({ stored }) => stored.method),
    textArray(rows.map(({ stored }) => stored.json)),
    rows.map(({ index }) => index.patients[0] ?? null),
    textArray(rows.map(({ index }) => `{${index.tokens.join(',')}}`)),
    textArray(rows.map(({ index }) => index.sortValues)),
    rows.map(({ categories }) => categories.own.toString()),
    textArray(rows.map(({ categories, stored }) => `{${withoutItself(categories.sources, stored).join(',')}}`)),
    rows.map(({ categories }) => categories.parts?.toString() ?? null),
  ];
}

const insertText = `
  INSERT INTO resource (key, version, last_updated, method, content, patient_id, tokens, sort_values, type, id, self,
    own_categories, categories, part_categories)
  OVERRIDING SYSTEM VALUE
  SELECT key, version, last_updated, method, content, patient_id, tokens::bigint[], sort_values::jsonb, type, id, self,
      own, own | ${inherited}, parts
    FROM ${given}, $12::text[], $13::text[], $14::bigint[]) AS g (${columns}, type, id, self)`;

function insertResources(rows: readonly KeyedRow[]): Statement {
  const names = [rows.map(({ stored }) => stored.type), rows.map(({ stored }) => stored.id)];
  const selves = rows.map(({ stored }) => selfToken(stored.type, stored.id));
  return { text: insertText, values: [...valuesOf(rows), ...names, selves], name: 'insert', isSilent: true };
}

const replaceText = `
  UPDATE resource r SET version = g.version, last_updated = g.last_updated, method = g.method, content = g.content,
    patient_id = g.patient_id, tokens = g.tokens::bigint[], sort_values = g.sort_values::jsonb, deleted = g.deleted,
    own_categories = CASE WHEN g.deleted THEN r.own_categories ELSE g.own END,
    categories = CASE WHEN g.deleted THEN r.categories ELSE g.own | ${inherited} END,
    part_categories = g.parts
  FROM ${given}, $12::boolean[]) AS g (${columns}, deleted)
  WHERE r.key = g.key`;

function replaceResources(rows: readonly KeyedRow[]): Statement {
  const deleted = rows.map(({ stored }) => stored.deleted);
  return { text: replaceText, values: [...valuesOf(rows), deleted], name: 'replace', isSilent: true };
}

/** The rows beside `resource`; a table that gets none is not asked. */
function sideStatements(rows: readonly KeyedRow[]): Statement[] {
  const patients = keyed(rows, furtherPatients);
  const strings = keyed(rows, (index) => index.strings);
  const dates = keyed(rows, (index) => index.dates);
  const numbers = keyed(rows, (index) => index.numbers);
  return [
    side('resource_patient', { key: 'bigint', patient_id: 'text', is_subject: 'boolean' }, [
      patients.keys,
      patients.items.map(({ id }) => id),
      patients.items.map(({ isSubject }) => isSubject),
    ]),
    side('resource_string', { key: 'bigint', param: 'bigint', text: 'text', exact: 'text' }, [
      strings.keys,
      strings.items.map(({ param }) => param),
      textArray(strings.items.map(({ text }) => text)),
      textArray(strings.items.map(({ exact }) => exact)),
    ]),
    side('resource_date', { key: 'bigint', param: 'bigint', range_start: 'timestamptz', range_end: 'timestamptz' }, [
      dates.keys,
      dates.items.map(({ param }) => param),
      dates.items.map(({ start }) => start),
      dates.items.map(({ end }) => end),
    ]),
    side('resource_number', { key: 'bigint', param: 'bigint', low: 'numeric', high: 'numeric' }, [
      numbers.keys,
      numbers.items.map(({ param }) => param),
      numbers.items.map(({ low }) => low),
      numbers.items.map(({ high }) => high),
    ]),
  ].flat();
}

/** One list for all rows, each item with the key of its row. */
function keyed<T>(
  rows: readonly KeyedRow[],
  itemsOf: (index: IndexRow) => readonly T[],
): { keys: string[]; items: T[] } {
  const keys: string[] = [];
  const items: T[] = [];
  for (const { key, index } of rows) {
    for (const item of itemsOf(index)) {
      keys.push(key);
      items.push(item);
    }
  }
  return { keys, items };
}

function side(
  table: string,
  types: Record<string, string>,
  values: readonly [readonly string[], ...unknown[]],
): Statement[] {
  if (values[0].length === 0) return [];
  const lists = Object.values(types).map((type, at) => `$${at + 1}::${type}[]`);
  const text = `INSERT INTO ${table} (${Object.keys(types).join(', ')}) SELECT * FROM unnest(${lists.join(', ')})`;
  return [{ text, values, name: `insert-${table}`, isSilent: true }];
}

const logText = `
  INSERT INTO change_log (type, id, version, outcome, patient_id, at, actor_kind, actor_id, request_id)
  SELECT * FROM unnest((SELECT $1::text[]), $2::text[], $3::integer[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[],
    $9::text[])`;

/** The lines of the change log, in the order in which the changes were made. */
export function logStatements(rows: readonly VersionRow[]): Statement[] {
  if (rows.length === 0) return [];
  const values = [
    rows.map(({ stored }) => stored.type),
    rows.map(({ stored }) => stored.id),
    rows.map(({ stored }) => stored.version),
    rows.map(({ outcome }) => outcome),
    rows.map(({ index }) => index.patients[0] ?? null),
    rows.map(({ stored }) => stored.lastUpdated),
    rows.map(({ actor }) => actor.kind),
    rows.map(({ actor }) => actor.id),
    rows.map(({ actor }) => actor.requestId),
  ];
  return [{ text: logText, values, name: 'log-changes', isSilent: true }];
}

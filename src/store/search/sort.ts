import { fail, ok, type Result } from '../../base/errors.ts';
import type { SortKey } from '../../fhir/search/query.ts';
import type { Statement } from './statement.ts';

/** One column of the order: its SQL and direction. The last tie-break, `r.key`, is not among them. */
export interface OrderColumn {
  sql: string;
  descending: boolean;
  type: string;
  nullable: boolean;
}

/**
 * The order of a search. Of several values the smallest counts going up and the largest going down; records without a value come
 * last in both directions; equals, and everything when nothing is asked for, come in the order of creation.
 */
export function orderColumns(keys: readonly SortKey[], statement: Statement): OrderColumn[] {
  return keys.flatMap(({ param, descending }): OrderColumn[] => {
    if (param.code === '_id') return [{ sql: 'r.id', descending, type: 'text', nullable: false }];
    if (param.code === '_lastUpdated')
      return [{ sql: 'r.last_updated', descending, type: 'timestamptz', nullable: false }];
    const stored = (name: string) => `r.sort_values ->> ${statement.add(name, 'text')}`;
    const value = (of: string) => {
      const least = stored(`${param.code}${of}`);
      return descending ? `coalesce(${stored(`${param.code}-${of}`)}, ${least})` : least;
    };
    const text = (sql: string) => ({ sql: `(${sql}) COLLATE "C"`, descending, type: 'text', nullable: true });
    if (param.kind !== 'number' && param.kind !== 'quantity') return [text(value(''))];
    const number = { sql: `(${value('')})::numeric`, descending, type: 'numeric', nullable: true };
    // What cannot be compared, kilograms and seconds, stands in groups by canonical unit; a number has none.
    return param.kind === 'number' ? [number] : [text(value('#')), number];
  });
}

export function orderBy(columns: readonly OrderColumn[], row = 'r'): string {
  const parts = columns.map(({ sql, descending, nullable }) => {
    return `${sql} ${descending ? 'DESC' : 'ASC'}${nullable ? ' NULLS LAST' : ''}`;
  });
  return [...parts, `${row}.key ASC`].join(', ');
}

/** Where a page ended: the values of its last row in the order's columns, and its key. */
export type Position = [...values: (string | null)[], key: string];

/** The condition "comes after this position", as the order goes. */
export function after(columns: readonly OrderColumn[], position: Position, statement: Statement): string {
  const equal: string[] = [];
  const alternatives: string[] = [];
  columns.forEach(({ sql, descending, type, nullable }, place) => {
    const value = position[place] ?? null;
    if (value === null) {
      equal.push(`${sql} IS NULL`);
      return;
    }
    const bound = statement.add(value, type);
    const later = `${sql} ${descending ? '<' : '>'} ${bound}`;
    alternatives.push([...equal, nullable ? `(${later} OR ${sql} IS NULL)` : later].join(' AND '));
    equal.push(`${sql} = ${bound}`);
  });
  alternatives.push([...equal, `r.key > ${statement.add(position.at(-1), 'bigint')}`].join(' AND '));
  const any = `(${alternatives.map((one) => `(${one})`).join(' OR ')})`;
  // Said once more in a form that an index can start from; the alternatives alone would be tried on every row.
  const [first] = columns;
  if (!first || first.nullable) return any;
  return `${first.sql} ${first.descending ? '<=' : '>='} ${statement.add(position[0], first.type)} AND ${any}`;
}

export function writeCursor(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Reads a cursor back. Error `invalid`: not one of ours, or of a search with another order. */
export function readCursor(cursor: string, columns: readonly OrderColumn[]): Result<Position> {
  const bad = fail('invalid', 'The page link is not valid for this search.', { code: 'value' });
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return bad;
  }
  if (!Array.isArray(value) || value.length !== columns.length + 1) return bad;
  const values: (string | null)[] = [];
  for (const [place, part] of value.slice(0, -1).entries()) {
    const column = columns[place];
    if (typeof part !== 'string' && !(part === null && column?.nullable)) return bad;
    if (column?.type === 'numeric' && !/^(-?\d{1,2000}(\.\d{1,2000})?|-?Infinity)$/.test(String(part ?? '0')))
      return bad;
    if (column?.type === 'timestamptz' && Number.isNaN(Date.parse(String(part)))) return bad;
    values.push(part);
  }
  const key: unknown = value.at(-1);
  if (typeof key !== 'string' || !/^\d{1,18}$/.test(key)) return bad;
  return ok([...values, key]);
}

import type { Selection } from './selection.ts';

/** A condition on rows `s` of a side table; where it names values of a list, the list is joined. */
export interface SideCondition {
  condition: string;
  /** For FROM, e.g. `unnest(…) a (…)`. */
  list?: string;
}

/**
 * A side table asked for one row `s` at a time (patient scope), or left to the planner to start from. The conditions are alternatives;
 * written with OR the planner would think little of the index that each of them has.
 */
export function sideTable(
  { row, scoped }: Pick<Selection, 'row' | 'scoped'>,
  table: string,
  ...conditions: readonly (SideCondition | string)[]
): string {
  const all = conditions.map((one) => (typeof one === 'string' ? { condition: one, list: undefined } : one));
  if (scoped) {
    const any = all.map(({ condition, list }) =>
      list ? `EXISTS (SELECT FROM ${list} WHERE ${condition})` : condition,
    );
    // OFFSET 0 keeps the planner from turning the question round and walking the whole population's rows.
    return `EXISTS (SELECT FROM ${table} s WHERE s.key = ${row}.key AND (${any.join(' OR ') || 'false'}) OFFSET 0)`;
  }
  return all.length === 0 ? 'false' : `${row}.key IN (${sideRows(table, ...conditions)})`;
}

/** The keys of the rows of a side table that meet any of some conditions, as a SELECT; a key may come twice. */
export function sideRows(table: string, ...conditions: readonly (SideCondition | string)[]): string {
  const keys = conditions.map((one) => {
    const { condition, list } = typeof one === 'string' ? { condition: one, list: undefined } : one;
    return `SELECT s.key FROM ${table} s${list ? `, ${list}` : ''} WHERE ${condition}`;
  });
  return keys.length === 0 ? `SELECT s.key FROM ${table} s WHERE false` : keys.join(' UNION ALL ');
}

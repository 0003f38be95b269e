import type { Selection } from './selection.ts';

/**
 * A side table asked for one row `s` at a time (patient scope), or left to the planner to start from. The conditions are alternatives;
 * written with OR the planner would think little of the index that each of them has.
 */
export function sideTable({ row, scoped }: Selection, table: string, ...conditions: string[]): string {
  // OFFSET 0 keeps the planner from turning the question round and walking the whole population's rows.
  if (scoped)
    return `EXISTS (SELECT FROM ${table} s WHERE s.key = ${row}.key AND (${conditions.join(' OR ') || 'false'}) OFFSET 0)`;
  const all = conditions.map((condition) => `SELECT s.key FROM ${table} s WHERE ${condition}`);
  return all.length === 0 ? 'false' : `${row}.key IN (${all.join(' UNION ALL ')})`;
}

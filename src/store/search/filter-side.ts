import type { Selection } from './selection.ts';

/** A side table asked for one row `s` at a time (patient scope), or left to the planner to start from. */
export function sideTable({ row, scoped }: Selection, table: string, condition: string): string {
  // OFFSET 0 keeps the planner from turning the question round and walking the whole population's rows.
  if (scoped) return `EXISTS (SELECT FROM ${table} s WHERE s.key = ${row}.key AND (${condition}) OFFSET 0)`;
  return `${row}.key IN (SELECT s.key FROM ${table} s WHERE ${condition})`;
}

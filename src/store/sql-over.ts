import type pg from 'pg';
import type { Sql } from './types.ts';

/** Statements over a pool of connections, before there is a store. */
export function sqlOver(pool: pg.Pool): Sql {
  return {
    query: async <Row extends object>(text: string, values: readonly unknown[] = [], name?: string) =>
      (await pool.query<Row>({ text, values: [...values], name })).rows,
  };
}

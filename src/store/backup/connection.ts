import type pg from 'pg';
import type { Query } from '../rows.ts';

/** Statements over one connection: what follows each other belongs to one transaction. */
export function queryOver(client: pg.PoolClient): Query {
  return async <Row extends object>(text: string, values?: readonly unknown[]) =>
    (await client.query<Row>(text, values ? [...values] : undefined)).rows;
}

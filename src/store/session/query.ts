import type pg from 'pg';
import type { Query } from '../rows.ts';
import { endsConnection } from './passing.ts';
import { runTogether } from './pipeline.ts';

/** Runs one statement on a connection of the pool. A named one goes the short way: it is prepared, and what its rows look like is known. */
export function createQuery(pool: pg.Pool): Query {
  return async <Row extends object>(text: string, values: readonly unknown[] = [], name?: string) => {
    if (name === undefined) return (await pool.query<Row>({ text, values: [...values] })).rows;
    const client = await pool.connect();
    let broken = false;
    const markBroken = () => {
      broken = true;
    };
    // A connection that is cut says so here too; unheard, that would end the process.
    client.on('error', markBroken);
    try {
      const [answer] = await runTogether(client, [{ text, values, name }]);
      // The caller names the shape of the rows, as everywhere where SQL is asked.
      return (answer?.rows ?? []) as Row[];
    } catch (error) {
      broken ||= endsConnection(error);
      throw error;
    } finally {
      client.off('error', markBroken);
      client.release(broken);
    }
  };
}

import type pg from 'pg';
import type { Query } from './rows.ts';

/**
 * One connection runs one statement at a time, even when a room asks for several at once. `end` lets the statement that runs
 * finish and refuses every later one: a straggler must not run after the transaction, on a connection that is someone else's.
 */
export function serialQuery(client: pg.PoolClient): { query: Query; end(): Promise<void> } {
  let last: Promise<unknown> = Promise.resolve();
  let ended = false;
  return {
    query: <Row extends object>(text: string, values: readonly unknown[] = [], name?: string) => {
      const next = last.then(async () => {
        if (ended) throw new Error('the transaction has ended');
        const { rows } = await client.query<Row>({ text, values: [...values], ...(name && { name }) });
        return rows;
      });
      last = next.catch(() => undefined);
      return next;
    },
    async end() {
      ended = true;
      await last;
    },
  };
}

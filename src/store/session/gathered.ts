import pg from 'pg';
import { limits } from '../../base/limits.ts';
import type { Query } from '../rows.ts';
import { endsConnection } from './passing.ts';
import { runTogether, type Statement } from './pipeline.ts';

interface Asked {
  statement: Statement;
  resolve(rows: Record<string, unknown>[]): void;
  reject(error: unknown): void;
}

/**
 * Named statements that only read, of whoever asks at the same moment: they travel together, because most of what a short statement
 * costs is the way there and back, for us and for PostgreSQL. Each sees what was committed before it was asked. What one is refused for is
 * told to that one; those behind it are asked again, by `alone`. `alone` also takes statements without a name: they may run long.
 */
export function createGathered(pool: pg.Pool, alone: Query): Query {
  const { lanes: few, gathered: most, patienceMs, poolKept } = limits.database;
  let waiting: Asked[] = [];
  let lanes = 0;
  let isCalled = false;
  let watch: NodeJS.Timeout | undefined;

  const again = ({ statement, resolve, reject }: Asked) =>
    alone<Record<string, unknown>>(statement.text, statement.values, statement.name).then(resolve, reject);
  const send = async (client: pg.PoolClient, some: readonly Asked[]): Promise<void> => {
    let heard = 0;
    try {
      const statements = some.map(({ statement }) => statement);
      await runTogether(client, statements, ({ rows }) => some[heard++]?.resolve(rows));
    } catch (error) {
      const [first, ...others] = some.slice(heard);
      const isRefused = error instanceof pg.DatabaseError;
      if (first && isRefused) first.reject(error);
      else if (first) again(first);
      for (const one of others) again(one);
      if (endsConnection(error)) throw error;
    }
  };
  const open = async (): Promise<void> => {
    isCalled = false;
    lanes += 1;
    let client: pg.PoolClient | undefined;
    let broken = false;
    const markBroken = () => {
      broken = true;
    };
    try {
      client = await pool.connect();
      client.on('error', markBroken);
      while (waiting.length > 0 && !broken) {
        const some = waiting.slice(0, most);
        waiting = waiting.slice(some.length);
        await send(client, some);
      }
    } catch {
      broken = true;
    } finally {
      client?.off('error', markBroken);
      client?.release(broken);
      lanes -= 1;
    }
    // No connection, or one that was lost: what still waits is told so by the pool itself.
    if (broken) for (const one of waiting.splice(0)) again(one);
  };
  // A statement that runs long holds up those in its lane only: the others get a new one.
  const hurry = () => {
    watch = undefined;
    if (waiting.length > 0 && lanes < poolKept) void open();
  };
  return <Row extends object>(text: string, values: readonly unknown[] = [], name?: string) => {
    if (name === undefined) return alone<Row>(text, values);
    return new Promise<Row[]>((resolve, reject) => {
      // The caller names the shape of the rows, as everywhere where SQL is asked.
      const take = resolve as (rows: Record<string, unknown>[]) => void;
      waiting.push({ statement: { text, values, name }, resolve: take, reject });
      if (isCalled) return;
      if (lanes < few) {
        isCalled = true;
        // When everything that has come by now has been looked at.
        setImmediate(open);
      } else if (watch === undefined) watch = setTimeout(hurry, patienceMs).unref();
    });
  };
}

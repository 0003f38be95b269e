import pg from 'pg';
import { limits } from '../../base/limits.ts';
import type { Query } from '../rows.ts';
import { createLanes } from './lanes.ts';
import { endsConnection } from './passing.ts';
import { runTogether, type Statement } from './pipeline.ts';

interface Asked {
  statement: Statement;
  resolve(rows: Record<string, unknown>[]): void;
  reject(error: unknown): void;
}

/**
 * Named statements that only read, of whoever asks at the same moment: they travel together. Each sees what was committed before it was
 * asked. What one is refused for is told to that one; those behind it are asked again, by `alone`. `alone` also takes statements without a
 * name: they may run long. `lanes`: at a time; the fewer, the more have company. `writes`: the statements also write, so nobody is answered
 * before all of them are committed; when one fails none has happened.
 */
export function createGathered(pool: pg.Pool, alone: Query, lanes = 1, writes = false): Query {
  const { gathered: most } = limits.database;
  const again = ({ statement, resolve, reject }: Asked) => {
    alone<Record<string, unknown>>(statement.text, statement.values, statement.name).then(resolve, reject);
  };
  const send = async (client: pg.PoolClient, some: readonly Asked[]): Promise<void> => {
    let heard = 0;
    try {
      const statements = some.map(({ statement }) => statement);
      const answers = await runTogether(client, statements, ({ rows }) => {
        if (!writes) some[heard]?.resolve(rows);
        heard += 1;
      });
      if (writes) for (const [at, one] of some.entries()) one.resolve(answers[at]?.rows ?? []);
    } catch (error) {
      const refused = error instanceof pg.DatabaseError ? some[heard] : undefined;
      refused?.reject(error);
      for (const one of writes ? some : some.slice(heard)) if (one !== refused) again(one);
      if (endsConnection(error)) throw error;
    }
  };
  const take = ({ length }: readonly Asked[]) => Math.min(length, most);
  const refuse = ({ reject }: Asked, fault: unknown) => reject(fault);
  const ask = createLanes<Asked>({ pool, lanes, take, send, apart: again, refuse });
  return <Row extends object>(text: string, values: readonly unknown[] = [], name?: string) => {
    if (name === undefined) return alone<Row>(text, values);
    return new Promise<Row[]>((resolve, reject) => {
      // The caller names the shape of the rows, as everywhere where SQL is asked.
      const give = resolve as (rows: Record<string, unknown>[]) => void;
      ask({ statement: { text, values, name }, resolve: give, reject });
    });
  };
}

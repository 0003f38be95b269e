import type pg from 'pg';
import type { Query } from '../rows.ts';
import { isPassing } from './passing.ts';
import { type Answer, runTogether, type Statement } from './pipeline.ts';

/**
 * The connection of one transaction. It runs one thing at a time, even when a room asks for several at once; those go to the
 * database together. The transaction begins with its first statement.
 */
export interface Session {
  /** Runs a statement, after all that waits to be written: it sees what the transaction has done so far. */
  query: Query;
  /** Runs one that has nothing to do with what waits. */
  aside: Query;
  /**
   * Runs the first of these, writes what waits, runs the last; then commits. Faults undo everything. `whole`: commits in its place a
   * transaction that has asked the database nothing so far.
   */
  commit(
    statements: { first: readonly Statement[]; last: readonly Statement[] },
    whole: () => Promise<void>,
  ): Promise<void>;
  rollBack(): Promise<void>;
  /** Lets what runs finish and refuses everything later: a straggler must not run on a connection that is someone else's. */
  end(): Promise<void>;
  readonly hasEnded: boolean;
}

export interface SessionParts {
  /** What every transaction begins with. */
  opening: readonly Statement[];
  /** What waits to be written, as statements; asked for just before they are sent. */
  takeWaiting: (ask: (statement: Statement) => Promise<Answer>) => Promise<readonly Statement[]>;
}

interface Asked {
  statement: Statement;
  sees: boolean;
  resolve(rows: Record<string, unknown>[]): void;
  reject(error: unknown): void;
}

const begin: Statement = { text: 'BEGIN', name: 'begin', isSilent: true };
const commit: Statement = { text: 'COMMIT', name: 'commit', isSilent: true };
const rollback: Statement = { text: 'ROLLBACK', name: 'rollback', isSilent: true };

export function openSession(connect: () => Promise<pg.PoolClient>, { opening, takeWaiting }: SessionParts): Session {
  let asked: Asked[] = [];
  let running: Promise<void> | undefined;
  let begun = false;
  let ended = false;
  /** The first fault: a room may have swallowed it, but the transaction is lost. */
  let fault: { error: unknown } | undefined;

  const run = async (statements: readonly Statement[]): Promise<Answer[]> => {
    try {
      return await runTogether(await connect(), statements);
    } catch (error) {
      fault ??= { error };
      throw error;
    }
  };
  // Outside of the transaction when it has not begun: a sequence does not mind.
  const ask = async (statement: Statement): Promise<Answer> => (await run([statement]))[0] ?? { rows: [], command: '' };

  const runAsked = async (some: readonly Asked[]): Promise<void> => {
    try {
      const before = some.some(({ sees }) => sees) ? await takeWaiting(ask) : [];
      const first = begun ? before : [begin, ...opening, ...before];
      begun = true;
      const answers = await run([...first, ...some.map(({ statement }) => statement)]);
      for (const [at, one] of some.entries()) one.resolve(answers[first.length + at]?.rows ?? []);
    } catch (error) {
      for (const { reject } of some) reject(error);
    }
  };
  const pump = async (): Promise<void> => {
    // What else is asked before the caller waits goes along.
    await undefined;
    while (asked.length > 0) {
      const some = asked;
      asked = [];
      await runAsked(some);
    }
    running = undefined;
  };
  const asking =
    (sees: boolean): Query =>
    <Row extends object>(text: string, values: readonly unknown[] = [], name?: string) => {
      if (ended) return Promise.reject(new Error('the transaction has ended'));
      return new Promise<Row[]>((resolve, reject) => {
        // The caller names the shape of the rows, as everywhere where SQL is asked.
        const take = resolve as (rows: Record<string, unknown>[]) => void;
        asked.push({ statement: { text, values, ...(name && { name }) }, sees, resolve: take, reject });
        running ??= pump();
      });
    };
  const end = async (): Promise<void> => {
    ended = true;
    await running;
  };

  return {
    query: asking(true),
    aside: asking(false),
    async commit({ first, last }, whole) {
      await end();
      if (fault) throw lostTransaction(fault.error);
      if (!begun) return whole();
      const statements = [...first, ...(await takeWaiting(ask)), ...last];
      const answers = await run([...statements, commit]);
      // PostgreSQL answers COMMIT with ROLLBACK when the transaction was broken before.
      if (answers.at(-1)?.command !== 'COMMIT') throw new Error('the transaction was broken before its end');
    },
    async rollBack() {
      await end();
      if (begun) await runTogether(await connect(), [rollback]);
    },
    end,
    get hasEnded() {
      return ended;
    },
  };
}

/** A room swallowed a fault. What will pass when it is tried again is thrown as it was; anything else is a mistake of ours. */
function lostTransaction(cause: unknown): unknown {
  return isPassing(cause) ? cause : new Error('the transaction was broken before its end', { cause });
}

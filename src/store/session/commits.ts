import type pg from 'pg';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { jobStatements } from '../enqueue.ts';
import type { NewJob } from '../types.ts';
import type { VersionRow } from '../write/rows.ts';
import { newRowStatements } from '../write/waiting.ts';
import type { Keys } from './keys.ts';
import { createLanes } from './lanes.ts';
import { endsConnection } from './passing.ts';
import { type Answer, runTogether, type Statement } from './pipeline.ts';
import { type Presumed, presumedStatements } from './presumed.ts';

/** All that a transaction does which has asked the database nothing: new resources, and what goes with its commit. */
export interface Whole {
  /** What it begins with. */
  opening: readonly Statement[];
  presumed: readonly Presumed[];
  rows: readonly VersionRow[];
  ending: readonly Statement[];
  jobs: readonly NewJob[];
}

/** Commits it; all of it, or nothing with the fault. */
export type CommitWhole = (whole: Whole) => Promise<void>;

interface Asked {
  whole: Whole;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Small transactions of the same moment are committed as one, in one round trip: one way to the disk, one statement a table. When
 * PostgreSQL refuses that, nothing has happened, and each is committed by itself, so that what one is refused for is its own. They go in the
 * order of the children they are about, as each alone takes its rows too.
 */
export function createCommits({ pool, keys, clock }: { pool: pg.Pool; keys: Keys; clock: Clock }): CommitWhole {
  const { togetherRows: most, togetherEach: mostOfOne } = limits.write;
  const now = () => clock.now();
  const commit = async (client: pg.PoolClient, some: readonly Whole[]): Promise<void> => {
    const ask = async (statement: Statement): Promise<Answer> =>
      (await runTogether(client, [statement]))[0] ?? { rows: [], command: '' };
    const sorted = some.length === 1 ? some : [...some].sort(byChild);
    const rows = await newRowStatements(
      sorted.flatMap((one) => one.rows),
      keys,
      ask,
    );
    const jobs = jobStatements(
      sorted.flatMap((one) => one.jobs),
      now(),
    );
    const presumed = presumedStatements(some.flatMap((one) => one.presumed));
    const ending = joined(sorted.flatMap((one) => one.ending));
    const statements = [...openings(some), ...presumed, ...rows, ...ending, ...jobs];
    // Up to one Sync it is one transaction.
    if (statements.length > 0) await runTogether(client, statements);
  };
  const alone = async ({ whole, resolve, reject }: Asked): Promise<void> => {
    let client: pg.PoolClient | undefined;
    let broken = false;
    const markBroken = () => {
      broken = true;
    };
    try {
      client = await pool.connect();
      client.on('error', markBroken);
      await commit(client, [whole]);
      resolve();
    } catch (error) {
      broken ||= endsConnection(error);
      reject(error);
    } finally {
      client?.off('error', markBroken);
      client?.release(broken);
    }
  };
  const send = async (client: pg.PoolClient, some: readonly Asked[]): Promise<void> => {
    try {
      await commit(
        client,
        some.map(({ whole }) => whole),
      );
      for (const { resolve } of some) resolve();
    } catch (error) {
      // Of a connection that was lost nobody knows what it has done: that must not be done again.
      const isUndone = !endsConnection(error) && some.length > 1;
      for (const one of some) if (isUndone) void alone(one);
      for (const one of some) if (!isUndone) one.reject(error);
      if (endsConnection(error)) throw error;
    }
  };
  const take = (waiting: readonly Asked[]): number => {
    let rows = 0;
    const end = waiting.findIndex(({ whole }, at) => {
      rows += whole.rows.length;
      return at > 0 && rows > most;
    });
    return end < 0 ? waiting.length : end;
  };
  const refuse = ({ reject }: Asked, fault: unknown) => reject(fault);
  const ask = createLanes<Asked>({ pool, lanes: 1, take, send, apart: alone, refuse });
  return (whole) =>
    new Promise((resolve, reject) => {
      const asked = { whole, resolve, reject };
      if (whole.rows.length > mostOfOne) void alone(asked);
      else ask(asked);
    });
}

function childOf({ rows }: Whole): string {
  return rows.map(({ index }) => index.patients[0] ?? '').sort()[0] ?? '';
}

function byChild(one: Whole, other: Whole): number {
  const [a, b] = [childOf(one), childOf(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Each once: who is refused for it is found when each goes alone. */
function openings(some: readonly Whole[]): Statement[] {
  const all = some.flatMap(({ opening }) => opening);
  return [...new Map(all.map((one) => [JSON.stringify([one.text, one.values]), one])).values()];
}

/** Statements that add rows by lists become one, where their first one stood. */
function joined(statements: readonly Statement[]): Statement[] {
  const lists = new Map<string, unknown[][]>();
  const found: Statement[] = [];
  for (const one of statements) {
    const known = one.isList ? lists.get(one.text) : undefined;
    if (known) for (const [at, values] of known.entries()) values.push(...listOf(one.values?.[at]));
    else if (one.isList) {
      const values = (one.values ?? []).map((value) => [...listOf(value)]);
      lists.set(one.text, values);
      found.push({ ...one, values });
    } else found.push(one);
  }
  return found;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

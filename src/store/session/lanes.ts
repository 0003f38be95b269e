import type pg from 'pg';
import { limits } from '../../base/limits.ts';

/** What goes to the database in company, and how. */
export interface LaneParts<T> {
  pool: pg.Pool;
  /** So many at a time, while none of them takes long. */
  lanes: number;
  /** How many of those that wait, first come first, go together next: at least one. */
  take(waiting: readonly T[]): number;
  /** Answers each of them. What it throws means that the connection is of no use any more. */
  send(client: pg.PoolClient, some: readonly T[]): Promise<void>;
  /** The connection of the lane was lost before its turn came: it goes its own way. */
  apart(one: T): void;
  /** No connection is to be had. */
  refuse(one: T, fault: unknown): void;
}

/**
 * Whatever comes at the same moment, or while the lanes are taken, travels together: most of what something short costs is the way there
 * and back, for us and for PostgreSQL. Whoever is behind something that takes long gets a lane of its own.
 */
export function createLanes<T>({ pool, lanes: few, take, send, apart, refuse }: LaneParts<T>): (one: T) => void {
  let waiting: T[] = [];
  let open = 0;
  let isCalled = false;
  let watch: NodeJS.Timeout | undefined;

  const run = async (): Promise<void> => {
    isCalled = false;
    open += 1;
    let client: pg.PoolClient | undefined;
    let broken = false;
    const markBroken = () => {
      broken = true;
    };
    try {
      client = await pool.connect();
      // A connection that is cut between two statements says so here; unheard, that would end the process.
      client.on('error', markBroken);
      while (waiting.length > 0 && !broken) {
        const some = waiting.slice(0, take(waiting));
        waiting = waiting.slice(some.length);
        await send(client, some);
      }
    } catch (fault) {
      broken = true;
      if (!client) for (const one of waiting.splice(0)) refuse(one, fault);
    } finally {
      client?.off('error', markBroken);
      client?.release(broken);
      open -= 1;
    }
    if (broken) for (const one of waiting.splice(0)) apart(one);
  };
  const hurry = () => {
    watch = undefined;
    if (waiting.length > 0 && open < limits.database.poolKept) void run();
  };
  return (one) => {
    waiting.push(one);
    if (isCalled) return;
    if (open < few) {
      isCalled = true;
      // When everything that has come by now has been looked at.
      setImmediate(run);
    } else if (watch === undefined) watch = setTimeout(hurry, limits.database.patienceMs).unref();
  };
}

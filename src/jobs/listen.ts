import type pg from 'pg';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/log.ts';
import { jobChannel } from '../store/enqueue.ts';

/** Calls `wake` whenever a transaction somewhere has queued jobs. Connects again by itself; the worker's poll covers the gap. */
export function listen(pool: pg.Pool, wake: () => void, log: Logger): { close(): Promise<void> } {
  let closed = false;
  let client: pg.PoolClient | undefined;
  let timer: NodeJS.Timeout | undefined;

  const lost = () => {
    client?.release(true);
    client = undefined;
    if (closed) return;
    log.warn('the connection that wakes the worker was lost');
    timer = setTimeout(connect, limits.jobs.pollMs);
  };
  const open = async () => {
    const fresh = await pool.connect();
    client = fresh;
    fresh.on('notification', wake);
    fresh.once('error', lost);
    await fresh.query(`LISTEN ${jobChannel}`);
    wake();
  };
  let opening: Promise<void> = Promise.resolve();
  const connect = () => {
    opening = open().catch(() => {
      if (!closed && timer === undefined) timer = setTimeout(connect, limits.jobs.pollMs);
    });
    timer = undefined;
  };
  connect();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await opening;
      client?.release(true);
      client = undefined;
    },
  };
}

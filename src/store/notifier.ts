import type pg from 'pg';
import { limits } from '../base/limits.ts';
import { jobChannel } from './enqueue.ts';

/**
 * Tells workers that jobs wait. After the commit and by itself: inside a transaction every commit of the house would wait for the one
 * notification lock. Many commits within a moment give one notice; a lost one costs the worker's next look, no job.
 */
export function createNotifier(pool: pg.Pool): () => void {
  let isPending = false;
  return () => {
    if (isPending) return;
    isPending = true;
    const timer = setTimeout(() => {
      isPending = false;
      if (pool.ending) return;
      pool.query(`NOTIFY ${jobChannel}`).catch(() => undefined);
    }, limits.jobs.noticeMs);
    timer.unref();
  };
}

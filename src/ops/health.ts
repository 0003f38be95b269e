import type { Logger } from '../base/log.ts';
import type { Store } from '../store/types.ts';

export interface Health {
  /** The process answers. */
  live(): { status: number; body: object };
  /** The process can do its work: the database answers and the server is not stopping. */
  ready(): Promise<{ status: number; body: object }>;
}

/** `/health/live` and `/health/ready`; nothing of the data is in them. */
export function createHealth(store: Store, stopping: () => boolean, log: Logger): Health {
  return {
    live: () => ({ status: 200, body: { status: 'live' } }),
    async ready() {
      if (stopping()) return { status: 503, body: { status: 'stopping' } };
      try {
        await store.query('SELECT 1 AS alive');
        return { status: 200, body: { status: 'ready' } };
      } catch (fault) {
        log.error({ name: fault instanceof Error ? fault.name : 'fault' }, 'the database does not answer');
        return { status: 503, body: { status: 'database does not answer' } };
      }
    },
  };
}

import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { faultOf, type Logger } from '../../base/log.ts';
import type { Beside, Sql } from '../../store/types.ts';
import type { AuditEntry } from './entry.ts';
import { besideRead, insertion } from './insert.ts';

/**
 * The audit trail, for everybody who does something that has to be told of. Writes need not: what a transaction of the store writes is told of in
 * its own commit (record-writes.ts).
 */
export interface AuditTrail {
  /**
   * Answers once the trail holds the entry. Error `busy`: it cannot be held; then whatever it tells of must not happen, or not be answered.
   */
  record(entry: AuditEntry): Promise<Result<void>>;
  /** The same, written by the statement that reads the one record which is told of; undefined where entries do not wait for the disk. */
  beside?(entry: AuditEntry, wholeReference: string | undefined): Beside;
}

interface Waiting {
  entry: AuditEntry;
  done(result: Result<void>): void;
}

export interface TrailDeps {
  sql: Sql;
  clock: Clock;
  log: Logger;
  /** `durable`: an entry is on the disk before it is answered; `buffered`: it is with the database. */
  reads: 'durable' | 'buffered';
}

/** Entries that come while others are being written go together in the next statement: one commit for all who wait. */
export function createTrail({ sql, clock, log, reads }: TrailDeps): AuditTrail {
  let waiting: Waiting[] = [];
  let writers = 0;
  let isCalled = false;

  const write = async (some: readonly Waiting[]): Promise<void> => {
    let result: Result<void> = ok(undefined);
    try {
      const entries = some.map(({ entry }) => entry);
      const { text, values, name } = insertion(entries, clock.now(), reads);
      await sql.query(text, values, name);
    } catch (cause) {
      log.error({ err: faultOf(cause), entries: some.length }, 'audit trail cannot be written');
      result = unheld(cause);
    }
    for (const { done } of some) done(result);
  };
  const pump = async (): Promise<void> => {
    isCalled = false;
    writers += 1;
    while (waiting.length > 0) {
      const some = waiting.slice(0, limits.audit.batch);
      waiting = waiting.slice(some.length);
      await write(some);
    }
    writers -= 1;
  };
  return {
    ...(reads === 'durable' && {
      beside: (entry: AuditEntry, wholeReference: string | undefined) => besideRead(entry, clock.now(), wholeReference),
    }),
    record(entry) {
      if (waiting.length >= limits.audit.waiting) return Promise.resolve(unheld());
      return new Promise((done) => {
        waiting.push({ entry, done });
        if (isCalled || writers >= limits.audit.writers) return;
        isCalled = true;
        // When everything that has come by now has been looked at: it goes along.
        setImmediate(pump);
      });
    },
  };
}

function unheld(cause?: unknown) {
  const text = 'This cannot be recorded in the audit trail now, so it is not done. Try again.';
  return fail('busy', text, { code: 'transient', cause, retryAfterSeconds: 2 });
}

import type pg from 'pg';
import { limits } from '../base/limits.ts';
import { busyOrThrow } from './busy.ts';
import { createNotifier } from './notifier.ts';
import { rememberedNumbers } from './numbers.ts';
import type { StoreParts } from './parts.ts';
import { readBeside } from './read.ts';
import { createReader } from './reader.ts';
import { createRemembered } from './search/remembered.ts';
import { createCommits } from './session/commits.ts';
import { createGathered } from './session/gathered.ts';
import { createKeys } from './session/keys.ts';
import { createDoubts } from './session/presumed.ts';
import { createQuery } from './session/query.ts';
import { createShapeNames } from './shape-names.ts';
import { toldInPart } from './told-in-part.ts';
import { transact } from './transact.ts';
import type { Sql, Store } from './types.ts';
import { createRules } from './write/rules.ts';

/**
 * Puts the store together over a migrated database. The pool is shared and stays open: `close` is the caller's. `reads`: others who read a
 * little with every request, in company with the store.
 */
export function createStore(options: StoreParts & { pool: pg.Pool; reads?: Sql }): Store {
  const { pool, reads = gatheredReads(pool), ...given } = options;
  const numbers = rememberedNumbers(limits.write.rememberedNumbers);
  const parts: StoreParts = { shapeName: createShapeNames(), numbers, ...given };
  const query = createQuery(pool);
  // By themselves, as a search takes many times as long as a look at one record.
  const quick = createReader(reads.query, parts);
  const reader = createReader(createGathered(pool, query, limits.database.searchLanes), {
    ...parts,
    remembered: createRemembered(),
  });
  const written = createGathered(pool, query, 1, true);
  const keys = createKeys();
  const commitWhole = createCommits({ pool, keys, clock: parts.clock });
  const doubts = createDoubts(limits.write.doubts);
  const rules = createRules(parts);
  const shared = { pool, parts, rules, keys, commitWhole, doubts, notify: createNotifier(pool) };
  return {
    ...quick,
    query,
    history: (type, id, page) => reader.history(type, id, page).catch(busyOrThrow),
    search: (wanted, visibility) => reader.search(wanted, visibility).catch(busyOrThrow),
    historyOf: (wanted, visibility) => reader.historyOf(wanted, visibility).catch(busyOrThrow),
    compartment: (wanted, visibility) => reader.compartment(wanted, visibility).catch(busyOrThrow),
    readBeside: async (type, id, visibility, beside) => {
      const seen = await readBeside(written, parts, visibility, { type, id, beside });
      return seen && toldInPart(reads.query, parts, visibility, seen);
    },
    transact: (actor, work) => transact(shared, actor, work),
    refresh: async () => (await parts.catalog?.refresh()) ?? false,
    close: async () => {},
  };
}

/** For whoever only reads, a little, with every request: named statements of one moment travel together. */
export function gatheredReads(pool: pg.Pool): Sql {
  return { query: createGathered(pool, createQuery(pool)) };
}

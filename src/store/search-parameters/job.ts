import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { StoreParts } from '../parts.ts';
import { indexed, readStretch, writeIndex } from '../reindex/rewrite.ts';
import type { Sql, Store, Tx } from '../types.ts';
import { generationLock } from './catalog.ts';
import { definitionsLock, indexJobKind } from './register.ts';

interface Row {
  generation: number;
  ready: boolean;
  types: string[];
  after_key: string;
  total: number | null;
}

const actor = { kind: 'system', id: 'search-parameters', requestId: 'job' } as const;

/** Fits the house's `JobHandler`, which this room may not import. Safe to repeat: it goes on where it stopped. */
export interface IndexJob {
  kind: string;
  run(job: { key: string }, context: { store: Store }): Promise<Result<void>>;
}

/** Indexes the resources that were there before a search parameter, while others read and write. */
export function indexJob(parts: Pick<StoreParts, 'extract'>): IndexJob {
  return {
    kind: indexJobKind,
    async run({ key: id }, { store }) {
      // Once more from the start whenever the definition has changed meanwhile.
      for (let isOver = false; !isOver; ) {
        const [row] = await rowOf(store, id, '');
        if (!row || row.ready) return ok(undefined);
        const alone = await awaitOlderWriters(store, row.generation);
        if (!alone.ok) return alone;
        if (row.total === null) await countAll(store, id, row);
        const indexed = await indexAll(store, parts, id, row.generation);
        if (!indexed.ok) return indexed;
        isOver = indexed.value === 'done';
      }
      return ok(undefined);
    },
  };
}

/** What a transaction of the job came to: there is more, there is not, or it works for a definition that is not in use any more. */
type Progress = 'more' | 'done' | 'changed';

async function indexAll(
  store: Store,
  parts: Pick<StoreParts, 'extract'>,
  id: string,
  generation: number,
): Promise<Result<Progress>> {
  for (;;) {
    const came = await store.transact(actor, (tx) => stretch(tx, parts, id, generation));
    if (!came.ok || came.value !== 'more') return came;
  }
}

/** Queues the job again for whatever is not ready: at start, in case an earlier one was given up. */
export async function resumeIndexing(store: Store): Promise<Result<void>> {
  const rows = await store.query<{ id: string }>('SELECT id FROM search_parameter WHERE NOT ready');
  if (rows.length === 0) return ok(undefined);
  return store.transact(actor, async (tx) => {
    for (const { id } of rows) await tx.enqueue({ kind: indexJobKind, key: id });
    return ok(undefined);
  });
}

function rowOf(sql: Sql, id: string, locking: '' | 'FOR UPDATE'): Promise<Row[]> {
  return sql.query<Row>(
    `SELECT generation, ready, types, after_key::text, total FROM search_parameter WHERE id = $1 ${locking}`,
    [id],
  );
}

/**
 * Waits until every transaction has ended that may still write with definitions older than this. Each holds a shared lock on the
 * generation it works with; one that comes to an old generation after us sees the new number and leaves it.
 */
async function awaitOlderWriters(store: Store, generation: number): Promise<Result<void>> {
  const held = await store.query<{ objid: number }>(
    `SELECT DISTINCT objid::integer AS objid FROM pg_locks
      WHERE locktype = 'advisory' AND classid = $1 AND objid < $2 AND objsubid = 2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [generationLock, generation],
  );
  return store.transact(actor, async (tx) => {
    for (const { objid } of held) await tx.query('SELECT pg_advisory_xact_lock($1, $2)', [generationLock, objid]);
    return ok(undefined);
  });
}

async function countAll(store: Store, id: string, { types, generation }: Row): Promise<void> {
  await store.query(
    `UPDATE search_parameter SET total = (SELECT count(*) FROM resource WHERE type = ANY ($2) AND NOT deleted)
      WHERE id = $1 AND generation = $3`,
    [id, types, generation],
  );
}

/**
 * The next resources in one transaction. It may have begun with older definitions and then waited here for the transaction that changed
 * this one: what it would extract is by the older ones, so it works for no other generation than the job has awaited.
 */
async function stretch(
  tx: Tx,
  parts: Pick<StoreParts, 'extract'>,
  id: string,
  generation: number,
): Promise<Result<Progress>> {
  // No definition changes meanwhile, and no other job writes the same rows.
  await tx.lock(definitionsLock);
  const [row] = await rowOf(tx, id, 'FOR UPDATE');
  if (!row || row.generation !== generation) return ok('changed');
  if (row.ready) return ok('done');
  const rows = await readStretch(tx.query, row.after_key, { types: row.types, count: limits.searchParameters.jobRows });
  const last = rows.at(-1);
  if (!last) {
    await tx.query('UPDATE search_parameter SET ready = true WHERE id = $1', [id]);
    await tx.query('UPDATE search_generation SET number = number + 1');
    return ok('done');
  }
  await writeIndex(tx.query, indexed(parts, rows));
  await tx.query('UPDATE search_parameter SET after_key = $2, done = done + $3 WHERE id = $1', [
    id,
    last.key,
    rows.length,
  ]);
  return ok('more');
}

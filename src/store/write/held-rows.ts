import { type ResourceRow, resourceColumns, toStored } from '../rows.ts';
import type { Session } from '../session/session.ts';
import type { Stored } from '../types.ts';

/** A current version whose row is locked until the end of the transaction. */
export interface HeldRow {
  key: string;
  stored: Stored;
}

/**
 * Rows that the transaction has locked: nobody else can change them, so what they hold need not be asked twice. That there is none
 * may stop being true; the insert then meets `resource_identity`, and the transaction is tried again.
 */
export interface HeldRows {
  /** Locks all of them in one statement and in one order, so that two transactions over the same rows cannot deadlock. */
  hold(references: readonly { type: string; id: string }[]): Promise<void>;
  /** The row, locked; undefined when there never was one. */
  get(type: string, id: string): Promise<HeldRow | undefined>;
  /** The current version as far as it is known without asking; undefined when nothing is. */
  known(type: string, id: string): { stored?: Stored } | undefined;
  /** The transaction writes this version: what was held is old, and nobody else can write another before it ends. */
  wrote(stored: Stored): void;
}

export function createHeldRows({ query, aside }: Pick<Session, 'query' | 'aside'>): HeldRows {
  const held = new Map<string, { row?: HeldRow }>();
  const written = new Map<string, Stored>();
  const keyOf = (type: string, id: string) => `${type}/${id}`;
  const lock = async (missing: readonly { type: string; id: string }[]): Promise<void> => {
    if (missing.length === 0) return;
    // As in rows.ts: the plan is kept, because the length of a list within a SELECT is not known to it.
    const isOwn = missing.some(({ type, id }) => written.has(keyOf(type, id)));
    const rows = await (isOwn ? query : aside)<ResourceRow>(
      `SELECT ${resourceColumns} FROM unnest((SELECT $1::text[]), $2::text[]) AS named (type, id)
         JOIN resource r ON r.type = named.type AND r.id = named.id
        ORDER BY r.type, r.id FOR UPDATE OF r`,
      [missing.map(({ type }) => type), missing.map(({ id }) => id)],
      'hold-rows',
    );
    for (const { type, id } of missing) held.set(keyOf(type, id), {});
    for (const row of rows) held.set(keyOf(row.type, row.id), { row: { key: row.key, stored: toStored(row) } });
  };
  return {
    // What the transaction wrote is its own until it ends.
    hold: (references) =>
      lock(references.filter(({ type, id }) => !held.has(keyOf(type, id)) && !written.has(keyOf(type, id)))),
    get: async (type, id) => {
      if (!held.has(keyOf(type, id))) await lock([{ type, id }]);
      return held.get(keyOf(type, id))?.row;
    },
    known: (type, id) => {
      const stored = written.get(keyOf(type, id));
      if (stored) return { stored };
      const known = held.get(keyOf(type, id));
      return known && (known.row ? { stored: known.row.stored } : {});
    },
    wrote: (stored) => {
      const key = keyOf(stored.type, stored.id);
      held.delete(key);
      written.set(key, stored);
    },
  };
}

import { limits } from '../../base/limits.ts';
import { hash64 } from '../hash.ts';
import type { Query } from '../rows.ts';

const { rememberedAnswers, rememberedChanges, rememberedMs } = limits.search;

/**
 * What searches over everybody found that took long: totals, and the rows of a page. Each is kept with
 * PostgreSQL's snapshot it is true of. The change log tells which records have changed since, so nothing is ever answered that is no
 * longer so; a process that forgets everything is slower, no more.
 */
export interface Remembered {
  /** What took no longer than this is not kept: it is as quickly found again. Milliseconds. */
  readonly fromMs: number;
  /** The last snapshot taken, and when (`performance.now()`). */
  recent?: { snapshot: string; at: number };
  get(key: string): Answer | undefined;
  set(key: string, answer: Answer): void;
  /** Runs one at a time of those that have the same key: what the first finds out, the others need not. */
  inTurn<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export interface Answer {
  /** `pg_snapshot` as text. */
  snapshot: string;
  total?: number;
  /** Keys of all rows that match, or of the first of them: then the key up to which they are all. */
  keys?: readonly string[];
  through?: string;
}

export function createRemembered(fromMs: number = rememberedMs): Remembered {
  const answers = new Map<string, Answer>();
  const turns = new Map<string, Promise<unknown>>();
  return {
    fromMs,
    get: (key) => answers.get(key),
    set: (key, answer) => {
      // The oldest goes first: a Map keeps the order in which its keys came.
      answers.delete(key);
      for (const oldest of answers.keys()) {
        if (answers.size < rememberedAnswers) break;
        answers.delete(oldest);
      }
      answers.set(key, answer);
    },
    inTurn: async (key, work) => {
      const before = turns.get(key);
      const turn = (async () => {
        await before?.catch(() => undefined);
        return work();
      })();
      turns.set(key, turn);
      try {
        return await turn;
      } finally {
        if (turns.get(key) === turn) turns.delete(key);
      }
    },
  };
}

/** The name of a statement's answer: what was asked for may be a person's name, so it is kept as a hash only. */
export function answerKey(kind: 'total' | 'rows', text: string, values: readonly unknown[]): string {
  return hash64('remembered', kind, text, JSON.stringify(values));
}

/** The records of a type that were written by transactions the snapshot did not see; undefined when there are too many to look at. */
export async function changedSince(
  query: Query,
  type: string,
  snapshot: string,
): Promise<{ keys: string[]; snapshot: string } | undefined> {
  const [found] = await query<{ looked: number; keys: string[] | null; snapshot: string }>(
    `SELECT count(*)::integer AS looked, array_agg(DISTINCT r.key::text) FILTER (WHERE r.key IS NOT NULL) AS keys,
            pg_current_snapshot()::text AS snapshot
       FROM (SELECT c.type, c.id FROM change_log c
              WHERE c.transaction >= pg_snapshot_xmin($1::pg_snapshot)
                AND NOT pg_visible_in_snapshot(c.transaction, $1::pg_snapshot) LIMIT ${rememberedChanges + 1}) c
       LEFT JOIN resource r ON c.type = $2 AND r.type = c.type AND r.id = c.id`,
    [snapshot, type],
    'changed-since',
  );
  if (!found || found.looked > rememberedChanges) return undefined;
  return { keys: found.keys ?? [], snapshot: found.snapshot };
}

/** A snapshot is as good for a while: what is asked for later has all of it, and the change log has the rest. */
const freshMs = 1000;

/** A snapshot of before: an answer asked for afterwards has all that the snapshot has. */
export async function snapshotBefore(query: Query, remembered: Remembered): Promise<string> {
  const { recent } = remembered;
  if (recent && performance.now() - recent.at < freshMs) return recent.snapshot;
  const at = performance.now();
  const [row] = await query<{ snapshot: string }>('SELECT pg_current_snapshot()::text AS snapshot', [], 'snapshot');
  const snapshot = row?.snapshot ?? '';
  remembered.recent = { snapshot, at };
  return snapshot;
}

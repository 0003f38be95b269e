import { limits } from '../../base/limits.ts';
import type { Keys } from '../session/keys.ts';
import type { Answer, Statement } from '../session/pipeline.ts';
import {
  insertStatements,
  type KeyedRow,
  logStatements,
  replaceStatements,
  sourceLockStatements,
  type VersionRow,
} from './rows.ts';

/**
 * Versions that a transaction has made and not sent yet. They go to the database together, before the next statement of the
 * transaction that could see them, and at its end. One resource waits with one version only: a further one locks its row
 * first, and that sends what waits.
 */
export interface Waiting {
  insert(row: VersionRow): void;
  replace(row: KeyedRow): void;
  /** More wait than should be kept in memory. */
  readonly isFull: boolean;
  take(ask: Ask): Promise<readonly Statement[]>;
  /** All that waits: first versions only, as for others rows had to be locked. */
  takeNew(): VersionRow[];
}

type Ask = (statement: Statement) => Promise<Answer>;

export function createWaiting(keys: Keys): Waiting {
  let rows: (VersionRow & { key?: string })[] = [];
  let bytes = 0;
  const add = (row: VersionRow & { key?: string }) => {
    rows.push(row);
    bytes += row.stored.json.length;
  };
  return {
    insert: add,
    replace: add,
    get isFull() {
      return rows.length >= limits.write.waitingRows || bytes >= limits.write.waitingBytes;
    },
    async take(ask) {
      if (rows.length === 0) return [];
      const taken = rows;
      rows = [];
      bytes = 0;
      const numbers = await keys.take(taken.filter(({ key }) => key === undefined).length, ask);
      const created: KeyedRow[] = [];
      const replaced: KeyedRow[] = [];
      for (const { key, ...row } of taken) {
        if (key !== undefined) replaced.push({ ...row, key });
        else created.push({ ...row, key: numbers[created.length] ?? '' });
      }
      return [
        ...sourceLockStatements(taken),
        ...insertStatements(inOneOrder(created)),
        ...replaceStatements(replaced),
        ...logStatements(taken),
      ];
    },
    takeNew() {
      if (rows.some(({ key }) => key !== undefined)) throw new Error('a row was replaced that was not locked');
      const taken = rows;
      rows = [];
      bytes = 0;
      return taken;
    },
  };
}

/** What writes first versions, of one transaction or of several. */
export async function newRowStatements(rows: readonly VersionRow[], keys: Keys, ask: Ask): Promise<Statement[]> {
  if (rows.length === 0) return [];
  const numbers = await keys.take(rows.length, ask);
  const keyed = rows.map((row, at) => ({ ...row, key: numbers[at] ?? '' }));
  return [...sourceLockStatements(rows), ...insertStatements(inOneOrder(keyed)), ...logStatements(rows)];
}

/**
 * Who names the ids of new resources may meet another who names the same: both insert in one order, so that one waits for the other
 * and neither for ever. Ids made here are nobody else's.
 */
function inOneOrder(rows: readonly KeyedRow[]): KeyedRow[] {
  const place = ({ stored }: KeyedRow) => (stored.method === 'PUT' ? `${stored.type}/${stored.id}` : '');
  return rows
    .map((row) => ({ row, place: place(row) }))
    .sort((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0))
    .map(({ row }) => row);
}

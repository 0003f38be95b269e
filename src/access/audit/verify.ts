import { createHash } from 'node:crypto';
import { serverSetting } from '../../store/settings.ts';
import type { Sql } from '../../store/types.ts';
import type { KeptEntry } from './entry.ts';
import { type Head, headSetting, origin } from './seal.ts';

/** What verification found. */
export interface Verified {
  blocks: number;
  events: number;
  /** Entries that are not sealed yet. */
  waiting: number;
  head?: Head;
  /** The first block where the chain does not hold, and what is wrong there. */
  broken?: { block: string; what: string };
}

export interface BlockRow {
  number: string;
  first_seq: string;
  last_seq: string;
  events: number;
  sealed: string;
  previous: string;
  hash: string;
}

interface EventRow {
  seq: string;
  recorded: Date;
  patients: string[];
  client: string | null;
  person: string | null;
  act: string;
  outcome: string;
  entry: string;
}

const blocksAtOnce = 100;

/**
 * Computes the whole chain again from the rows. `anchor`: a head that was noted outside of the database; it must still be part of the chain.
 * Reads everything, block by block, and changes nothing.
 */
export async function verifyTrail(sql: Sql, anchor?: Head): Promise<Verified> {
  const [counted] = await sql.query<{ waiting: number }>('SELECT count(*)::integer AS waiting FROM audit_pending');
  const found: Verified = { blocks: 0, events: 0, waiting: counted?.waiting ?? 0 };
  // Noted first: what is sealed while we read goes on from here.
  const newest = (await serverSetting(sql, headSetting)) as Head | undefined;
  const start = await startOf(sql);
  let before: Head = start.head;
  if (start.what !== undefined) found.broken = { block: before.number, what: start.what };
  let missing = [newest, anchor].flatMap((head) => (head && !isHead(head, before) ? head : []));
  for (let more = true; more && !found.broken; ) {
    const step = await verifyBlocks(sql, before);
    missing = missing.filter((one) => !step.heads.some((head) => isHead(one, head)));
    found.blocks += step.heads.length;
    found.events += step.events;
    if (step.broken) found.broken = step.broken;
    before = step.heads.at(-1) ?? before;
    more = step.more;
  }
  if (before.number !== '0') found.head = before;
  found.broken ??= await strayRows(sql);
  const [lost] = missing;
  if (!found.broken && lost)
    found.broken = { block: lost.number, what: 'it was sealed, or noted outside, and is not part of the chain' };
  return found;
}

/** The blocks that follow `before`, a hundred at most, up to the first that does not hold. `more`: there are others behind them. */
export async function verifyBlocks(
  sql: Sql,
  before: Head,
): Promise<{ heads: Head[]; events: number; more: boolean; broken?: Verified['broken'] }> {
  const blocks = await sql.query<BlockRow>(
    `SELECT number::text, first_seq::text, last_seq::text, events, sealed, previous, hash FROM audit_block
      WHERE number > $1 ORDER BY audit_block.number LIMIT ${blocksAtOnce}`,
    [before.number],
  );
  const heads: Head[] = [];
  let events = 0;
  for (const block of blocks) {
    const last = heads.at(-1) ?? before;
    const what = await wrongWith(sql, block, last);
    if (what !== undefined) {
      return { heads, events, more: false, broken: { block: (BigInt(last.number) + 1n).toString(), what } };
    }
    heads.push({ number: block.number, hash: block.hash });
    events += block.events;
  }
  return { heads, events, more: blocks.length === blocksAtOnce };
}

export const isHead = (one: Head, other: Head) => one.number === other.number && one.hash === other.hash;

/** Where the chain begins: at its origin, or at the checkpoint that the last pruning left and told of. */
export async function startOf(sql: Sql): Promise<{ head: Head; what?: string }> {
  const [checkpoint] = await sql.query<Head>(
    'SELECT number::text, hash FROM audit_checkpoint ORDER BY audit_checkpoint.number DESC LIMIT 1',
  );
  if (!checkpoint) return { head: { number: '0', hash: origin } };
  const told = await sql.query(
    `SELECT 1 FROM (SELECT entry FROM audit_event WHERE act = 'audit-prune' UNION ALL SELECT entry FROM audit_pending) AS known
      WHERE entry::json ->> 'act' = 'audit-prune' AND entry::json ->> 'detail' = $1`,
    [pruneDetail(checkpoint)],
  );
  return {
    head: checkpoint,
    ...(told.length === 0 && { what: 'no entry tells of the pruning that a checkpoint stands for' }),
  };
}

/** What the entry of a pruning says, so that nobody can leave a checkpoint without one. */
export function pruneDetail({ number, hash }: Head): string {
  return `${number} ${hash}`;
}

async function wrongWith(sql: Sql, block: BlockRow, before: Head): Promise<string | undefined> {
  if (BigInt(block.number) !== BigInt(before.number) + 1n) return 'the block is missing';
  if (block.previous !== before.hash) return 'it does not go on from the block before';
  const rows = await sql.query<EventRow>(
    `SELECT seq::text, recorded, patients, client, person, act, outcome, entry FROM audit_event
      WHERE block = $1 ORDER BY audit_event.seq`,
    [block.number],
  );
  if (rows.length !== block.events) return `it has ${rows.length} entries, and sealed ${block.events}`;
  const content = rows.map(({ seq, patients, entry }) => `${seq}\t${JSON.stringify(patients)}\t${entry}`).join('\n');
  const { number, first_seq, last_seq, events, sealed } = block;
  const text = [before.hash, number, first_seq, last_seq, events, sealed, sha256(content)].join('\n');
  if (sha256(text) !== block.hash) return 'an entry of it, or the block itself, was changed';
  const other = rows.find((row) => !agrees(row));
  return other && `the columns of entry ${other.seq} say something else than the entry`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The columns that searches use must say what was sealed. */
function agrees({ entry, recorded, client, person, act, outcome }: EventRow): boolean {
  const kept = JSON.parse(entry) as KeptEntry;
  return (
    kept.at === recorded.toISOString() &&
    (kept.client ?? null) === client &&
    (kept.person ?? null) === person &&
    kept.act === act &&
    kept.outcome === outcome
  );
}

export async function strayRows(sql: Sql): Promise<Verified['broken']> {
  const [stray] = await sql.query<{ block: string }>(
    `SELECT e.block::text FROM audit_event e
      WHERE NOT EXISTS (SELECT FROM audit_block b WHERE b.number = e.block) ORDER BY e.block LIMIT 1`,
  );
  return stray && { block: stray.block, what: 'there are entries of a block that is missing' };
}

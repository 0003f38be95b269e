import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Store } from '../../store/types.ts';
import { insertion } from './insert.ts';
import { allow, type Head, sealingActor } from './seal.ts';
import { pruneDetail } from './verify.ts';

/** Blocks that one transaction takes away. */
const blocksAtOnce = 20n;

/** What may be pruned now at the latest: everything before. */
export function keptFrom(now: Date): Date {
  const from = new Date(now);
  from.setUTCFullYear(from.getUTCFullYear() - limits.audit.keepYears);
  return from;
}

/**
 * Takes away the oldest blocks, those whose entries are all from before the instant; answers how many entries that were. A checkpoint with the
 * hash of the last of them stays, and an entry that says so: without the one the other is a break. Error `invalid`: it would take what has to be
 * kept.
 */
export async function pruneTrail(store: Store, clock: Clock, before: Date): Promise<Result<number>> {
  if (before > keptFrom(clock.now()))
    return fail('invalid', `Entries are kept for ${limits.audit.keepYears} years: --before must be an earlier day.`);
  let events = 0;
  for (let more = true; more; ) {
    const pruned = await pruneBlocks(store, clock, before);
    if (!pruned.ok) return pruned;
    events += pruned.value;
    more = pruned.value > 0;
  }
  return ok(events);
}

function pruneBlocks(store: Store, clock: Clock, before: Date): Promise<Result<number>> {
  const actor = sealingActor();
  return store.transact<number>(actor, async (tx) => {
    await allow(tx, 'prune');
    const [first] = await tx.own.query<{ first: string | null; young: string | null }>(
      `SELECT (SELECT min(number) FROM audit_block)::text AS first,
              (SELECT min(block) FROM audit_event WHERE recorded >= $1)::text AS young`,
      [before],
    );
    if (!first?.first) return ok(0);
    const upTo = first.young === null ? undefined : BigInt(first.young) - 1n;
    const most = BigInt(first.first) + blocksAtOnce - 1n;
    const last = upTo === undefined || upTo > most ? most : upTo;
    const [block] = await tx.own.query<Head>(
      'SELECT number::text, hash FROM audit_block WHERE number <= $1 ORDER BY audit_block.number DESC LIMIT 1',
      [last.toString()],
    );
    if (!block) return ok(0);
    const [gone] = await tx.own.query<{ events: number }>(
      `WITH events AS (DELETE FROM audit_event WHERE block <= $1 RETURNING 1),
            blocks AS (DELETE FROM audit_block WHERE number <= $1),
            checkpoint AS (INSERT INTO audit_checkpoint (number, hash, events, pruned_before, made)
                           SELECT $1, $2, (SELECT count(*) FROM events), $3, $4)
       SELECT count(*)::integer AS events FROM events`,
      [block.number, block.hash, before, clock.now()],
    );
    const who = { client: actor.id };
    const entry = {
      act: 'audit-prune',
      outcome: 'success',
      who,
      requestId: actor.requestId,
      detail: pruneDetail(block),
    } as const;
    const { text, values } = insertion([entry], clock.now());
    tx.atEnd(text, values);
    return ok(gone?.events ?? 0);
  });
}

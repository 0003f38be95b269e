import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import { faultOf, type Logger } from '../../base/log.ts';
import { keepServerSetting } from '../../store/settings.ts';
import type { Actor, Store, Tx } from '../../store/types.ts';
import { tellEmergencyEnds } from './emergency-ends.ts';

/** The newest block. */
export interface Head {
  number: string;
  hash: string;
}

export interface Sealer {
  /** Seals what waits now; answers how many entries that were. */
  seal(): Promise<Result<number>>;
  /** Seals again and again, until `stop`. */
  start(): void;
  stop(): Promise<void>;
}

export const headSetting = 'audit-head';

/** One at a time, in whatever process: sealing and pruning. */
export const chainLock = 'audit-chain';

/** What the first block goes on from. */
export const origin = '0'.repeat(64);

/**
 * One block of what waits, oldest first. An entry that is committed late, after higher numbers were sealed, goes into the next block: what waits is
 * what is in `audit_pending`, whatever its number. `verify.ts` says the same in TypeScript; the two are held against each other by its tests.
 * `$1` entries at most, `$2` the instant.
 */
const sealText = `
  WITH before AS (
    SELECT number, hash FROM (
      SELECT number, hash FROM audit_block UNION ALL SELECT number, hash FROM audit_checkpoint
      UNION ALL SELECT 0, '${origin}') AS known
     ORDER BY number DESC LIMIT 1),
  taken AS (
    DELETE FROM audit_pending
     WHERE ctid = ANY (ARRAY(SELECT ctid FROM audit_pending ORDER BY seq LIMIT $1))
    RETURNING seq, patients, entry),
  content AS (
    SELECT count(*) AS events, min(seq) AS first_seq, max(seq) AS last_seq,
           encode(sha256(convert_to(string_agg(
             seq || E'\\t' || array_to_json(patients) || E'\\t' || entry, E'\\n' ORDER BY seq), 'UTF8')), 'hex') AS digest
      FROM taken),
  kept AS (
    INSERT INTO audit_event (seq, block, recorded, patients, client, person, act, outcome, entry)
    SELECT t.seq, b.number + 1, e.at, t.patients, e.client, e.person, e.act, e.outcome, t.entry
      FROM taken t CROSS JOIN before b
     CROSS JOIN LATERAL json_to_record(t.entry::json)
        AS e (at timestamptz, client text, person text, act text, outcome text)
     ORDER BY t.seq)
  INSERT INTO audit_block (number, first_seq, last_seq, events, sealed, previous, hash)
  SELECT b.number + 1, c.first_seq, c.last_seq, c.events, $2::text, b.hash,
         encode(sha256(convert_to(concat_ws(E'\\n',
           b.hash, b.number + 1, c.first_seq, c.last_seq, c.events, $2::text, c.digest), 'UTF8')), 'hex')
    FROM content c, before b WHERE c.events > 0
  RETURNING number::text, hash, events`;

export function createSealer({ store, clock, log }: { store: Store; clock: Clock; log: Logger }): Sealer {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> | undefined;
  const sealBlock = (isFirst: boolean) =>
    store.transact<number>(sealingActor(), async (tx) => {
      await allow(tx, 'seal');
      if (isFirst) await tellEmergencyEnds(tx, clock.now());
      const [made] = await tx.own.query<Head & { events: number }>(sealText, [
        limits.audit.blockEvents,
        clock.now().toISOString(),
      ]);
      if (!made) return ok(0);
      await keepServerSetting(tx.own, headSetting, { number: made.number, hash: made.hash } satisfies Head);
      log.info({ block: made.number, hash: made.hash, events: made.events }, 'audit block sealed');
      return ok(made.events);
    });
  const seal: Sealer['seal'] = async () => {
    let sealed = 0;
    for (let block = 0; block < limits.audit.blocks; block++) {
      const made = await sealBlock(block === 0);
      if (!made.ok) return made;
      sealed += made.value;
      if (made.value < limits.audit.blockEvents) break;
    }
    return ok(sealed);
  };
  const tick = () => {
    running = seal()
      .then((sealed) => {
        if (!sealed.ok) log.warn({ kind: sealed.error.kind }, 'audit trail not sealed now');
      })
      .catch((fault) => log.error({ err: faultOf(fault) }, 'audit trail cannot be sealed'))
      .finally(() => {
        if (timer !== undefined) timer = setTimeout(tick, limits.audit.sealMs).unref();
      });
  };
  return {
    seal,
    start() {
      timer ??= setTimeout(tick, limits.audit.sealMs).unref();
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await running;
    },
  };
}

export function sealingActor(): Actor {
  return { kind: 'system', id: 'audit', requestId: newId() };
}

/** Takes the chain for this transaction, and says to the guards of its tables what is being done. */
export async function allow(tx: Tx, what: 'seal' | 'prune'): Promise<void> {
  await tx.lock(chainLock);
  await tx.own.query(`SELECT set_config('careweave.audit', $1, true)`, [what]);
}

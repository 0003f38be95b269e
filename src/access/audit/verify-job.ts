import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import type { Job, JobHandler, RoomGauge } from '../../module.ts';
import { keepServerSetting, serverSetting } from '../../store/settings.ts';
import type { NewJob, Sql, Store } from '../../store/types.ts';
import { type Head, headSetting } from './seal.ts';
import { isHead, startOf, strayRows, type Verified, verifyBlocks } from './verify.ts';

export const verifyJobKind = 'audit.verify';

/** To be queued at start; it queues itself for every night. */
export const verifyJob: NewJob = { kind: verifyJobKind, key: 'nightly' };

/** What the last verification came to, for operators (/metrics, /health). */
export interface LastVerified {
  holds: boolean;
  at: string;
  /** The newest block that was verified: it has to be part of the chain from then on. */
  head?: Head;
  broken?: NonNullable<Verified['broken']>;
}

const setting = 'audit-verified';

export async function lastVerified(sql: Sql): Promise<LastVerified | undefined> {
  return (await serverSetting(sql, setting)) as LastVerified | undefined;
}

/** What operators watch of it; absent before the first night. */
export const verifiedGauges: readonly RoomGauge[] = [
  {
    name: 'careweave_audit_trail_holds',
    help: '1 when the last nightly verification of the audit trail found it whole, 0 when it did not.',
    labelNames: [],
    read: (sql) => ofLast(sql, ({ holds }) => (holds ? 1 : 0)),
  },
  {
    name: 'careweave_audit_trail_verified_timestamp_seconds',
    help: 'When the audit trail was last verified.',
    labelNames: [],
    read: (sql) => ofLast(sql, ({ at }) => Date.parse(at) / 1000),
  },
];

async function ofLast(sql: Sql, told: (last: LastVerified) => number) {
  const last = await lastVerified(sql);
  return last ? [{ labels: {}, value: told(last) }] : [];
}

/**
 * Verifies the whole audit trail every night, a hundred blocks a run, so that a stop of the server never waits for all of them. The head that a
 * night ended with has to be met again the next: who writes the chain anew, whole and in itself right, is seen by that. A trail that does not
 * hold is said in the log, as an error and without any content, and stays in the metrics until it holds again.
 */
export const verifyTrailJob: JobHandler = {
  kind: verifyJobKind,
  async run(job, { store, log, clock }) {
    const before = await lastVerified(store);
    const step = await nextStep(store, job, before);
    if (step.more) return enqueue(store, { kind: job.kind, key: job.key, payload: step.payload });
    const { broken, head } = step;
    if (broken) log.error({ block: broken.block, what: broken.what }, 'the audit trail does not hold');
    // A head that was met stays the one to be met, so that a break does not vanish by being seen.
    const kept = broken ? before?.head : head;
    const done: LastVerified = {
      holds: !broken,
      at: clock.now().toISOString(),
      ...(kept && { head: kept }),
      ...(broken && { broken }),
    };
    await keepServerSetting(store, setting, done);
    return enqueue(store, { kind: job.kind, key: job.key, runAt: tonight(clock) });
  },
};

type Step =
  | { more: true; payload: Record<string, unknown> }
  | { more: false; head?: Head; broken?: NonNullable<Verified['broken']> };

/** Payload: where the run before came to, and the heads that have still to be met. */
async function nextStep(sql: Sql, { payload }: Job, verified: LastVerified | undefined): Promise<Step> {
  const start = isStarted(payload) ? payload : await begin(sql, verified);
  if ('what' in start) return { more: false, broken: { block: start.before.number, what: start.what } };
  const { heads, more, broken } = await verifyBlocks(sql, start.before);
  if (broken) return { more: false, broken };
  const missing = start.missing.filter((one) => !heads.some((head) => isHead(one, head)));
  const before = heads.at(-1) ?? start.before;
  if (more) return { more: true, payload: { before, missing } };
  const [lost] = missing;
  const left = await strayRows(sql);
  if (left) return { more: false, broken: left };
  if (lost) return { more: false, broken: { block: lost.number, what: 'it was sealed, and is not part of the chain' } };
  return { more: false, ...(before.number !== '0' && { head: before }) };
}

interface Started {
  before: Head;
  missing: Head[];
}

async function begin(sql: Sql, verified: LastVerified | undefined): Promise<Started | { before: Head; what: string }> {
  const newest = (await serverSetting(sql, headSetting)) as Head | undefined;
  const { head: before, what } = await startOf(sql);
  if (what !== undefined) return { before, what };
  // What was pruned meanwhile, lawfully, cannot be met any more.
  const isThere = (head: Head) => BigInt(head.number) > BigInt(before.number);
  return { before, missing: [newest, verified?.head].flatMap((head) => (head && isThere(head) ? head : [])) };
}

function isStarted(payload: Record<string, unknown>): payload is Record<string, unknown> & Started {
  return payload.before !== undefined && Array.isArray(payload.missing);
}

function tonight(clock: Clock): Date {
  const now = clock.now();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1, 1, 0));
}

function enqueue(store: Store, job: NewJob): Promise<Result<void>> {
  const actor = { kind: 'system', id: 'audit', requestId: verifyJobKind } as const;
  return store.transact(actor, async (tx) => ok(await tx.enqueue(job)));
}

import { ok, type Result } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import type { JobHandler } from '../../../module.ts';
import type { Actor, NewJob, Tx } from '../../../store/types.ts';
import { currentOf } from '../../stored.ts';
import { enrollmentOf } from '../enrollment.ts';
import { type DueDigest, dueDigests, programZone } from './keep-digest.ts';
import { nextMonth, startOf } from './month.ts';
import { type DigestDeps, sendDigest } from './send-digest.ts';

const kind = 'care.digest';

/** To be queued at start; it queues itself again and again. */
export const digestJob: NewJob = { kind, key: 'all' };

const actor: Actor = { kind: 'system', id: 'care', requestId: `job:${kind}` };

/**
 * Tells primary care of every month that is over, each enrollment and month once. Months that went by while nobody ran are told of one after the
 * other. One that cannot be written is put off for a day, so that it keeps nobody else waiting.
 */
export function sendDigests(deps: DigestDeps): JobHandler {
  return {
    kind,
    async run(job, { store, clock, log }) {
      const due = await dueDigests(store, clock.now(), limits.care.digestsAtOnce);
      for (const one of due) {
        const sent = await store.transact(actor, (tx) => tell(tx, one, deps));
        if (sent.ok) continue;
        log.warn({ kind: sent.error.kind }, 'a monthly digest could not be written and is put off');
        const later = new Date(clock.now().getTime() + limits.care.digestAgainMs);
        await store.transact(actor, async (tx) =>
          ok(
            await tx.own.query('UPDATE enrollment_digest SET due_at = $2 WHERE episode_id = $1', [
              one.episode_id,
              later,
            ]),
          ),
        );
      }
      // Of each enrollment one month at a time: after a pause there are more.
      const wait = due.length > 0 ? 0 : limits.care.digestEveryMs;
      const runAt = new Date(clock.now().getTime() + wait);
      return store.transact(actor, async (tx) => ok(await tx.enqueue({ kind: job.kind, key: job.key, runAt })));
    },
  };
}

async function tell(tx: Tx, { episode_id: episodeId, month }: DueDigest, deps: DigestDeps): Promise<Result<void>> {
  const [row] = await tx.own.query('SELECT 1 FROM enrollment_digest WHERE episode_id = $1 AND month = $2 FOR UPDATE', [
    episodeId,
    month,
  ]);
  // Another process was there first.
  if (row === undefined) return ok(undefined);
  const enrollment = enrollmentOf(currentOf(await tx.read('EpisodeOfCare', episodeId)));
  const { patientId, endedOn, enrolledFrom } = enrollment ?? {};
  const isOver = endedOn !== undefined && endedOn.slice(0, 7) < month;
  if (!enrollment || patientId === undefined || enrolledFrom === undefined || isOver) return forget(tx, episodeId);
  const sent = await sendDigest(tx, { episodeId, patientId, enrollment, month, zone: deps.zone }, deps);
  if (!sent.ok) return sent;
  const next = nextMonth(month);
  if (endedOn !== undefined && endedOn.slice(0, 7) < next) return forget(tx, episodeId);
  const dueAt = startOf(nextMonth(next), await programZone(tx, enrollment.programId, deps.zone));
  await tx.own.query('UPDATE enrollment_digest SET month = $2, due_at = $3 WHERE episode_id = $1', [
    episodeId,
    next,
    dueAt,
  ]);
  return ok(undefined);
}

async function forget(tx: Tx, episodeId: string): Promise<Result<void>> {
  await tx.own.query('DELETE FROM enrollment_digest WHERE episode_id = $1', [episodeId]);
  return ok(undefined);
}

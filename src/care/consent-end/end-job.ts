import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { JobHandler } from '../../module.ts';
import type { Actor, NewJob, Tx } from '../../store/types.ts';
import { currentOf } from '../stored.ts';
import { endOf } from './last-moment.ts';

const kind = 'care.consent-end';

/** To be queued at start; it queues itself again and again, for when the next consent runs out. */
export const consentEndJob: NewJob = { kind, key: 'all' };

const actor: Actor = { kind: 'system', id: 'care', requestId: `job:${kind}` };

/**
 * What follows when the time of a consent is over; in a transaction of its own. Answers when to look again where it is not over yet: days may be those of
 * another zone.
 */
export type FollowEnd = (consent: Resource & r4.Consent, tx: Tx) => Promise<Result<Date | undefined>>;

/**
 * Does what follows when consents have run out. One whose end cannot be followed is tried again later and keeps nobody else waiting; the time of a read
 * decides about access without this job.
 */
export function followConsentEnds(follows: readonly FollowEnd[], zone: string): JobHandler {
  return {
    kind,
    async run(job, { store, clock, log }) {
      const now = clock.now();
      const rows = await store.query<{ consent_id: string }>(
        'SELECT consent_id FROM consent_end WHERE ends_at <= $1 ORDER BY ends_at, consent_id LIMIT $2',
        [now, limits.care.consentEndsAtOnce],
      );
      for (const { consent_id: id } of rows) {
        const followed = await store.transact(actor, (tx) => follow(tx, id, { follows, zone, now }));
        if (followed.ok) continue;
        log.warn({ kind: followed.error.kind }, 'what follows the end of a consent could not be done and is put off');
        await putOff(store, id, new Date(now.getTime() + limits.care.consentEndAgainMs));
      }
      return store.transact(actor, async (tx) => {
        const [next] = await tx.own.query<{ ends_at: Date }>('SELECT min(ends_at) AS ends_at FROM consent_end');
        const latest = new Date(now.getTime() + limits.care.consentEndEveryMs);
        const runAt = next?.ends_at && next.ends_at < latest ? next.ends_at : latest;
        return ok(await tx.enqueue({ kind: job.kind, key: job.key, runAt }));
      });
    },
  };
}

async function follow(
  tx: Tx,
  id: string,
  { follows, zone, now }: { follows: readonly FollowEnd[]; zone: string; now: Date },
): Promise<Result<void>> {
  await tx.hold([{ type: 'Consent', id }]);
  const [row] = await tx.own.query('SELECT 1 FROM consent_end WHERE consent_id = $1 AND ends_at <= $2 FOR UPDATE', [
    id,
    now,
  ]);
  // Another process was there first, or it was prolonged.
  if (row === undefined) return ok(undefined);
  const consent = currentOf(await tx.read('Consent', id));
  const end = isOfType(consent, 'Consent') && consent.status === 'active' && endOf(consent.provision?.period, zone);
  if (end && end > now) {
    // From before there were rows: only now it is known when it ends.
    await tx.own.query('UPDATE consent_end SET ends_at = $2 WHERE consent_id = $1', [id, end]);
    return ok(undefined);
  }
  let again: Date | undefined;
  if (end && isOfType(consent, 'Consent')) {
    for (const one of follows) {
      const done = await one(consent, tx);
      if (!done.ok) return done;
      again = done.value ?? again;
    }
  }
  if (again) await tx.own.query('UPDATE consent_end SET ends_at = $2 WHERE consent_id = $1', [id, again]);
  else await tx.own.query('DELETE FROM consent_end WHERE consent_id = $1', [id]);
  return ok(undefined);
}

async function putOff(store: Parameters<JobHandler['run']>[1]['store'], id: string, until: Date): Promise<void> {
  await store.transact(actor, async (tx) =>
    ok(await tx.own.query('UPDATE consent_end SET ends_at = $2 WHERE consent_id = $1', [id, until])),
  );
}

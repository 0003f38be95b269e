import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import type { Change, Tx, WriteConclusion } from '../../store/types.ts';
import type { Changed } from './changed.ts';
import { checkBeside } from './check-beside.ts';
import { keepDigest } from './digest/keep-digest.ts';
import { enrollmentOf } from './enrollment.ts';
import { putEnrollmentRow } from './enrollment-row.ts';
import { keepFlag } from './keep-flag.ts';
import { keepManagerOnTeam } from './keep-manager.ts';
import { keepWaitlist } from './keep-waitlist.ts';
import { tellPrimaryCare } from './tell-primary-care.ts';

/**
 * At the end of every transaction that changed an enrollment: what stands beside it is asked (program, consent, the other programs of the child),
 * and what follows from it is written: its row, the manager's place on the care team, the banner's Flag, the waiting list, word to primary care.
 * Looks at all that was written, also by other conclusions: an accepted Task may have been what enrolled the child.
 */
export function concludeEnrollment(clock: Clock, zone: string): WriteConclusion {
  const follows = [keepManagerOnTeam, keepFlag, keepWaitlist, tellPrimaryCare, keepDigest(zone)];
  return {
    name: 'enrollment',
    async conclude(_, tx) {
      const last = lastOfEach(tx.changes.filter(({ type }) => type === 'EpisodeOfCare'));
      const concerned = last.flatMap((change) => {
        const is = enrollmentOf(change.after);
        const was = enrollmentOf(change.before);
        return is || was ? [{ id: change.id, is, was, stored: change.stored }] : [];
      });
      if (concerned.length === 0) return ok(undefined);
      const children = concerned.map(({ is, was }) => `enrollment:${(is ?? was)?.patientId ?? ''}`);
      await tx.lock(...new Set(children));
      for (const one of concerned) {
        const done = await conclude(one, follows, tx, { clock, zone });
        if (!done.ok) return done;
      }
      return ok(undefined);
    },
  };
}

type Follow = (changed: Changed, tx: Tx, clock: Clock) => Promise<Result<void>>;

async function conclude(
  changed: Changed,
  follows: readonly Follow[],
  tx: Tx,
  { clock, zone }: { clock: Clock; zone: string },
): Promise<Result<void>> {
  const beside = await checkBeside(changed, tx, clock, zone);
  if (!beside.ok) return beside;
  await putEnrollmentRow(tx, changed);
  for (const follow of follows) {
    const followed = await follow(changed, tx, clock);
    if (!followed.ok) return followed;
  }
  return ok(undefined);
}

/** A resource that was written several times: what it was before all, and what it is. */
function lastOfEach(changes: readonly Change[]): Change[] {
  const last = new Map<string, Change>();
  for (const change of changes) {
    const first = last.get(change.id);
    if (first === undefined) last.set(change.id, change);
    else {
      const { before: _, ...rest } = change;
      last.set(change.id, { ...rest, ...(first.before && { before: first.before }) });
    }
  }
  return [...last.values()];
}

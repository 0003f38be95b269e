import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { lastDayOf } from '../consent-end/last-moment.ts';
import { currentOf } from '../stored.ts';
import { dayOf, type Enrollment, enrollmentOf, formerManagers, isRunning } from './enrollment.ts';
import { runningEnrollments } from './enrollment-row.ts';
import { moved } from './moved.ts';
import * as words from './vocabulary.ts';

/** Why a consent holds no more: taken back, written down in error, or over by its own period. */
export type Why = 'withdrawn' | 'mistake' | { ranOut: r4.Period };

interface Ended {
  consentId: string;
  patientId: string;
  why: Why;
}

/**
 * Ends every running enrollment of the child that rests on this consent. The plan stays. Whoever managed care gets a Task, because they would call
 * again otherwise.
 */
export async function endEnrollments(
  tx: Tx,
  ended: Ended,
  { clock, zone }: { clock: Clock; zone: string },
): Promise<Result<void>> {
  await tx.lock(`enrollment:${ended.patientId}`);
  for (const { episode_id: id } of await runningEnrollments(tx.own, ended.patientId)) {
    const episode = currentOf(await tx.read('EpisodeOfCare', id));
    const enrollment = enrollmentOf(episode);
    if (!isOfType(episode, 'EpisodeOfCare') || !enrollment || !isRunning(enrollment)) continue;
    if (enrollment.consentId !== ended.consentId) continue;
    const on = lastDay(enrollment, ended.why, clock.now(), zone);
    const written = await tx.update({ ...moved(episode, { status: 'finished', on, ...reasonOf(ended.why) }) });
    if (!written.ok) return written;
    const told = await tx.update(taskOf(id, enrollment, ended.why, clock.now()));
    if (!told.ok) return told;
  }
  return ok(undefined);
}

function reasonOf(why: Why): { reason: string; reasonText: string } {
  if (why === 'mistake')
    return { reason: 'other', reasonText: 'The consent on which it rested was recorded in error.' };
  return why === 'withdrawn'
    ? { reason: 'withdrew', reasonText: 'The family has taken back its consent.' }
    : { reason: 'consent-ended', reasonText: 'The time for which the family had consented is over.' };
}

/** Today, or the last day of the consent; never before anything that the enrollment says of itself already. */
function lastDay(enrollment: Enrollment, why: Why, now: Date, zone: string): string {
  const { enrolledFrom, episode } = enrollment;
  const today = now.toISOString().slice(0, 10);
  const last = typeof why === 'string' ? today : (lastDayOf(why.ranOut, zone) ?? today);
  const known = [enrolledFrom, dayOf(episode.statusHistory?.at(-1)?.period.end), formerManagers(episode).at(-1)?.end];
  return [last, ...known.filter((one) => one !== undefined)].sort().at(-1) ?? today;
}

const tasks = {
  'consent-withdrawn': [
    'Consent to care management taken back',
    'The family has taken back its consent to care management, and the enrollment has ended. Do not reach out for the program any more; hand over or cancel what is still open.',
  ],
  'consent-ended': [
    'Consent to care management has run out',
    'The time for which the family had consented to care management is over, and the enrollment has ended. Ask the family whether it wants to go on; with a new consent the child is enrolled anew. Otherwise hand over or cancel what is still open.',
  ],
} as const;

function taskOf(id: string, { patientId, manager, episode }: Enrollment, why: Why, now: Date): Resource {
  const code = typeof why === 'string' ? 'consent-withdrawn' : 'consent-ended';
  const [text, description] = tasks[code];
  const task: r4.Task = {
    resourceType: 'Task',
    id: stableId(code, id),
    status: 'requested',
    intent: 'plan',
    priority: 'urgent',
    code: { coding: [{ system: words.careTaskSystem, code }], text },
    description,
    focus: { reference: `EpisodeOfCare/${id}` },
    for: { reference: `Patient/${patientId}` },
    authoredOn: now.toISOString(),
    ...(manager !== undefined && { owner: { reference: manager } }),
    ...(episode.meta?.security && { meta: { security: episode.meta.security } }),
  };
  return { ...task };
}

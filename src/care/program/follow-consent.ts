import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Change, Tx, WriteConclusion } from '../../store/types.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { consentHolds } from './consent-holds.ts';
import { dayOf, type Enrollment, enrollmentOf, isRunning } from './enrollment.ts';
import { runningEnrollments } from './enrollment-row.ts';
import { moved } from './moved.ts';
import * as words from './vocabulary.ts';

/**
 * Who takes back the consent on which an enrollment rests ends it, in the same transaction, whoever writes it down and wherever: the program has no leave
 * to go on (S0.5). The plan stays. Whoever managed care gets a Task, because they would call again otherwise.
 */
export function followConsent(clock: Clock): WriteConclusion {
  return {
    name: 'enrollment-consent',
    async conclude(changes, tx) {
      const consents = new Set(changes.filter(({ type }) => type === 'Consent').map(({ id }) => id));
      for (const id of consents) {
        const done = await follow(id, changes, tx, clock);
        if (!done.ok) return done;
      }
      return ok(undefined);
    },
  };
}

async function follow(consentId: string, changes: readonly Change[], tx: Tx, clock: Clock): Promise<Result<void>> {
  const versions = changes.filter(({ type, id }) => type === 'Consent' && id === consentId);
  const children = versions.flatMap(({ before, after }) => [childIn(before), childIn(after)]);
  const now = currentOf(await tx.read('Consent', consentId));
  for (const patientId of new Set(children.filter((one) => one !== undefined))) {
    if (consentHolds(now, patientId)) continue;
    await tx.lock(`enrollment:${patientId}`);
    for (const { episode_id: id } of await runningEnrollments(tx.own, patientId)) {
      const ended = await end(id, consentId, wasMistake(now), tx, clock);
      if (!ended.ok) return ended;
    }
  }
  return ok(undefined);
}

function childIn(consent: Resource | undefined): string | undefined {
  return isOfType(consent, 'Consent') ? localId(consent.patient, 'Patient') : undefined;
}

function wasMistake(consent: Resource | undefined): boolean {
  return isOfType(consent, 'Consent') && consent.status === 'entered-in-error';
}

async function end(id: string, consentId: string, isMistake: boolean, tx: Tx, clock: Clock): Promise<Result<void>> {
  const episode = currentOf(await tx.read('EpisodeOfCare', id));
  const enrollment = enrollmentOf(episode);
  if (!isOfType(episode, 'EpisodeOfCare') || !enrollment || !isRunning(enrollment)) return ok(undefined);
  if (enrollment.consentId !== consentId) return ok(undefined);
  const reason = isMistake
    ? { reason: 'other', reasonText: 'The consent on which it rested was recorded in error.' }
    : { reason: 'withdrew', reasonText: 'The family has taken back its consent.' };
  const ended = moved(episode, { status: 'finished', on: lastDay(enrollment, clock), ...reason });
  const written = await tx.update({ ...ended });
  if (!written.ok) return written;
  const told = await tx.update(taskOf(id, enrollment, clock));
  return told.ok ? ok(undefined) : told;
}

/** Today; an enrollment that was written down as from a later day ends on that. */
function lastDay({ enrolledFrom, episode }: Enrollment, clock: Clock): string {
  const today = clock.now().toISOString().slice(0, 10);
  const days = [today, enrolledFrom ?? today, dayOf(episode.statusHistory?.at(-1)?.period.end) ?? today];
  return days.sort().at(-1) ?? today;
}

function taskOf(id: string, { patientId, manager, episode }: Enrollment, clock: Clock): Resource {
  const task: r4.Task = {
    resourceType: 'Task',
    id: stableId('consent-withdrawn', id),
    status: 'requested',
    intent: 'plan',
    priority: 'urgent',
    code: {
      coding: [{ system: words.careTaskSystem, code: 'consent-withdrawn' }],
      text: 'Consent to care management taken back',
    },
    description:
      'The family has taken back its consent to care management, and the enrollment has ended. Do not reach out for the program any more; hand over or cancel what is still open.',
    focus: { reference: `EpisodeOfCare/${id}` },
    for: { reference: `Patient/${patientId}` },
    authoredOn: clock.now().toISOString(),
    ...(manager !== undefined && { owner: { reference: manager } }),
    ...(episode.meta?.security && { meta: { security: episode.meta.security } }),
  };
  return { ...task };
}

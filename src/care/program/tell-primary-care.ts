import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { stableId } from '../../base/ids.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { currentOf } from '../stored.ts';
import { readPrimaryCare } from '../team/primary-care.ts';
import type { Changed } from './changed.ts';
import type { Enrollment } from './enrollment.ts';
import { personOf } from './person-of.ts';
import * as words from './vocabulary.ts';

/**
 * Tells primary care, in the transaction of the enrollment, that a program has enrolled the child: with whom to talk, and since when. Without a
 * primary care clinician there is a Task instead, which is nobody's until somebody takes it: that nobody was told must not go unseen.
 */
export async function tellPrimaryCare(changed: Changed, tx: Tx, clock: Clock): Promise<Result<void>> {
  const { id, is, was } = changed;
  const isFirst = is?.status === 'active' && was?.enrolledFrom === undefined;
  if (!isFirst || is.patientId === undefined) return ok(undefined);
  const noticeId = stableId('enrollment-notice', id);
  if ((await tx.read('Communication', noticeId)) !== undefined) return ok(undefined);
  const clinicians = await readPrimaryCare(tx, is.patientId);
  const resource =
    clinicians === undefined || clinicians.length === 0
      ? taskToName(id, is, clock)
      : await noticeOf(noticeId, id, { is, clinicians, tx, clock });
  const security = is.episode.meta?.security;
  const labelled = { ...resource, ...(security && { meta: { security } }) };
  const written = await tx.update(labelled);
  return written.ok ? ok(undefined) : written;
}

async function noticeOf(
  noticeId: string,
  episodeId: string,
  { is, clinicians, tx, clock }: { is: Enrollment; clinicians: readonly r4.Reference[]; tx: Tx; clock: Clock },
): Promise<Resource> {
  const program = currentOf(await tx.read('HealthcareService', is.programId ?? ''));
  const name = (isOfType(program, 'HealthcareService') && program.name) || 'a care management program';
  const manager = await personOf(tx, is.manager ?? '', is.programId ?? '');
  const who = [manager?.name, manager?.phone].filter((part) => part !== undefined).join(', ');
  const sender = is.episode.managingOrganization?.reference;
  const notice: r4.Communication = {
    resourceType: 'Communication',
    id: noticeId,
    status: 'in-progress',
    category: [
      { coding: [{ system: words.noticeSystem, code: words.enrollmentNotice, display: 'Notice of an enrollment' }] },
    ],
    subject: { reference: `Patient/${is.patientId}` },
    about: [{ reference: `EpisodeOfCare/${episodeId}` }],
    recipient: clinicians.map(({ reference, identifier, display }) => ({
      ...(reference !== undefined && { reference }),
      ...(identifier !== undefined && { identifier }),
      ...(display !== undefined && { display }),
    })),
    ...(sender !== undefined && { sender: { reference: sender } }),
    sent: clock.now().toISOString(),
    payload: [
      {
        contentString: `This child is in care management since ${is.enrolledFrom}: ${name}.${who === '' ? '' : ` Care manager: ${who}.`} Please confirm that you have read this.`,
      },
    ],
  };
  return { ...notice };
}

function taskToName(episodeId: string, is: Enrollment, clock: Clock): Resource {
  const task: r4.Task = {
    resourceType: 'Task',
    id: stableId('name-primary-care', episodeId),
    status: 'requested',
    intent: 'plan',
    code: {
      coding: [{ system: words.careTaskSystem, code: 'name-primary-care' }],
      text: 'Name the primary care clinician',
    },
    description:
      'The child was enrolled in care management and no primary care clinician is known, so nobody was told. Find out who it is and tell them.',
    focus: { reference: `EpisodeOfCare/${episodeId}` },
    for: { reference: `Patient/${is.patientId}` },
    authoredOn: clock.now().toISOString(),
  };
  return { ...task };
}

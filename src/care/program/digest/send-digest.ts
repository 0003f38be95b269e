import type { Clock } from '../../../base/clock.ts';
import { ok, type Result } from '../../../base/errors.ts';
import { stableId } from '../../../base/ids.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { localReference } from '../../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Reader, Sql, Stored, Tx, Visibility } from '../../../store/types.ts';
import { currentOf, resourceOf } from '../../stored.ts';
import { readPrimaryCare } from '../../team/primary-care.ts';
import { personOf } from '../person-of.ts';
import * as words from '../vocabulary.ts';
import type { Digest } from './digest-content.ts';
import { digestText } from './digest-text.ts';
import { gatherDigest, type Told } from './gather.ts';

export interface DigestDeps {
  clock: Clock;
  /** Of the house. */
  zone: string;
  /** Of some records those that may be told to anybody who treats the child. `within`: the transaction in which it is asked. */
  shown: (resources: readonly Resource[], within: Sql) => Promise<Resource[]>;
  /** What a person (`Practitioner/…`) may read. */
  readsAs: (person: string, within: Sql) => Promise<Visibility>;
}

export function digestId(episodeId: string, month: string): string {
  return stableId('care-digest', episodeId, month);
}

/**
 * Writes the message of one month to primary care, once: what was sent is not sent again, whoever asks. It is told only what all its recipients may see
 * of what anybody who treats the child may. Where nobody may be told, a Task says so. Answers the id of the message; undefined when it is a Task.
 */
export async function sendDigest(tx: Tx, told: Told, deps: DigestDeps): Promise<Result<string | undefined>> {
  const id = digestId(told.episodeId, told.month);
  await tx.lock(`digest:${told.episodeId}`);
  if ((await tx.read('Communication', id)) !== undefined) return ok(id);
  const readers = await readersOf(tx, told, deps);
  if (readers.length === 0) return askWhom(tx, told, deps);
  const digest = await gatherDigest(tx, told, (candidates) => seenByAll(tx, candidates, readers, deps));
  const message = await messageOf(id, tx, told, digest, { readers, deps });
  const security = told.enrollment.episode.meta?.security;
  const written = await tx.update({ ...message, ...(security && { meta: { security } }) });
  return written.ok ? ok(id) : written;
}

interface DigestReader {
  recipient: r4.Reference;
  /** Undefined: no person of ours, so nobody whose own rights could be asked. */
  reads?: Visibility;
}

/** Primary care clinicians who may be told of this child and this enrollment at all. */
async function readersOf(tx: Reader, { patientId, episodeId }: Told, { readsAs }: DigestDeps): Promise<DigestReader[]> {
  const stored = [await tx.read('Patient', patientId), await tx.read('EpisodeOfCare', episodeId)];
  const readers: DigestReader[] = [];
  for (const { reference, identifier, display } of (await readPrimaryCare(tx, patientId)) ?? []) {
    const recipient = {
      ...(reference !== undefined && { reference }),
      ...(identifier !== undefined && { identifier }),
      ...(display !== undefined && { display }),
    };
    const person = await personBehind(tx, localReference({ reference }) ?? '');
    const reads = person === undefined ? undefined : await readsAs(person, tx);
    const mayBeTold = reads === undefined || (await seesEach(tx, stored, reads));
    if (mayBeTold) readers.push({ recipient, ...(reads && { reads }) });
  }
  return readers;
}

async function personBehind(tx: Reader, reference: string): Promise<string | undefined> {
  if (!reference.startsWith('PractitionerRole/')) return reference.startsWith('Practitioner/') ? reference : undefined;
  const role = currentOf(await tx.read('PractitionerRole', reference.slice('PractitionerRole/'.length)));
  return isOfType(role, 'PractitionerRole') ? localReference(role.practitioner) : undefined;
}

async function seesEach(tx: Reader, stored: readonly (Stored | undefined)[], reads: Visibility): Promise<boolean> {
  for (const one of stored) if (one === undefined || !(await tx.sees(reads, one))) return false;
  return true;
}

async function seenByAll(
  tx: Reader,
  candidates: readonly Stored[],
  readers: readonly DigestReader[],
  { shown }: DigestDeps,
): Promise<Resource[]> {
  const left: Stored[] = [];
  for (const one of candidates) {
    const seen = await Promise.all(readers.map(({ reads }) => reads === undefined || tx.sees(reads, one)));
    if (seen.every(Boolean)) left.push(one);
  }
  return shown(left.map(resourceOf), tx);
}

async function messageOf(
  id: string,
  tx: Reader,
  { episodeId, patientId, enrollment, month }: Told,
  digest: Digest,
  { readers, deps }: { readers: readonly DigestReader[]; deps: DigestDeps },
): Promise<Resource> {
  const { programId = '', manager = '', episode } = enrollment;
  const program = currentOf(await tx.read('HealthcareService', programId));
  const person = await personOf(tx, manager, programId);
  const sender = episode.managingOrganization?.reference;
  const contentString = digestText(digest, {
    month,
    program: (isOfType(program, 'HealthcareService') && program.name) || 'a care management program',
    manager: [person?.name, person?.phone].filter((part) => part !== undefined).join(', '),
  });
  const message: r4.Communication = {
    resourceType: 'Communication',
    id,
    extension: [{ url: words.digestMonthUrl, valueDate: month }],
    status: 'in-progress',
    category: [{ coding: [{ system: words.noticeSystem, code: words.monthlyDigest, display: 'Monthly digest' }] }],
    subject: { reference: `Patient/${patientId}` },
    about: [{ reference: `EpisodeOfCare/${episodeId}` }],
    recipient: readers.map(({ recipient }) => recipient),
    ...(sender !== undefined && { sender: { reference: sender } }),
    sent: deps.clock.now().toISOString(),
    payload: [{ contentString }],
  };
  return { ...message };
}

/** Nobody was told, and that must not go unseen: the Task of the enrollment that asks for it, or another when that was done. */
async function askWhom(tx: Tx, told: Told, { clock }: DigestDeps): Promise<Result<undefined>> {
  const first = currentOf(await tx.read('Task', stableId('name-primary-care', told.episodeId)));
  if (isOfType(first, 'Task') && first.status === 'requested') return ok(undefined);
  const task: r4.Task = {
    resourceType: 'Task',
    id: stableId('name-primary-care', told.episodeId, 'digest'),
    status: 'requested',
    intent: 'plan',
    code: {
      coding: [{ system: words.careTaskSystem, code: 'name-primary-care' }],
      text: 'Name the primary care clinician',
    },
    description:
      'The monthly digest of care management could not be sent: no primary care clinician is known who may read it. Find out who it is, and send the digest.',
    focus: { reference: `EpisodeOfCare/${told.episodeId}` },
    for: { reference: `Patient/${told.patientId}` },
    authoredOn: clock.now().toISOString(),
  };
  const known = await tx.read('Task', task.id ?? '');
  if (known !== undefined) return ok(undefined);
  const security = told.enrollment.episode.meta?.security;
  const written = await tx.update({ ...task, ...(security && { meta: { security } }) });
  return written.ok ? ok(undefined) : written;
}

import { isOfType } from '../../../fhir/of-type.ts';
import { localReference } from '../../../fhir/plan-view/index-of.ts';
import type { Resource } from '../../../fhir/types.ts';
import { type Reader, type Stored, seesAll } from '../../../store/types.ts';
import { resourceOf } from '../../stored.ts';
import { type Enrollment, formerManagers } from '../enrollment.ts';
import { allOf, byReference } from '../query.ts';
import { type Digest, type DigestOf, digestContent, digestTypes } from './digest-content.ts';
import { programZone } from './keep-digest.ts';
import { nextMonth, startOf } from './month.ts';

/** One enrollment with its program, as a digest of it is made. */
export interface Told {
  episodeId: string;
  patientId: string;
  enrollment: Enrollment;
  month: string;
  /** Of the house, for programs that say none of their own. */
  zone: string;
}

/**
 * The digest of a month, made of the records that `seen` leaves: they are asked for one by one, and only those that the digest would list, because
 * a child's record holds thousands.
 */
export async function gatherDigest(
  reader: Reader,
  told: Told,
  seen: (candidates: readonly Stored[]) => Promise<Resource[]>,
): Promise<Digest> {
  const of = await digestOf(reader, told);
  const records = (await reader.recordsOf([told.patientId], digestTypes)).map(({ stored }) => stored);
  const listed = digestContent(records.map(resourceOf), of);
  const named = new Set([...listed.contacts, ...listed.alerts, ...listed.concerns].map(({ reference }) => reference));
  const candidates = records.filter(({ type, id }) => named.has(`${type}/${id}`));
  return digestContent(await seen(candidates), of);
}

async function digestOf(reader: Reader, { episodeId, enrollment, month, zone }: Told): Promise<DigestOf> {
  const { programId = '', manager, episode } = enrollment;
  const own = await programZone(reader, programId, zone);
  const roles = await allOf(
    reader,
    'PractitionerRole',
    [byReference('service', `HealthcareService/${programId}`)],
    seesAll,
  );
  const people = new Set([
    ...(manager === undefined ? [] : [manager]),
    ...formerManagers(episode).map((one) => one.manager),
  ]);
  for (const role of roles.ok ? roles.value : []) {
    if (!isOfType(role, 'PractitionerRole')) continue;
    people.add(`PractitionerRole/${role.id}`);
    const person = localReference(role.practitioner);
    if (person !== undefined) people.add(person);
  }
  const start = startOf(month, own).toISOString();
  const end = startOf(nextMonth(month), own).toISOString();
  return { enrollment: `EpisodeOfCare/${episodeId}`, month, start, end, people };
}

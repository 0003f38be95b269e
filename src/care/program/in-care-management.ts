import { ofType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import { localId } from '../local-id.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { leadOf, memberKey } from '../team/participants.ts';
import { teamId } from '../team/team-content.ts';
import { type Enrollment, enrollmentOf, isRunning } from './enrollment.ts';
import { runningEnrollments } from './enrollment-row.ts';
import { told } from './person-of.ts';
import { roleOf } from './role-of.ts';

/** One program that works with the child now, as a banner tells it. */
export interface CareManagement {
  episodeId: string;
  program?: string;
  since?: string;
  onHold: boolean;
  manager?: string;
  phone?: string;
  /** The manager leads the child's care team. */
  leads: boolean;
}

/**
 * Who manages the child's care now, the lead first, made of what `shown` leaves of the records: what a reader may not see is not told. Empty when
 * no program works with the child.
 */
export async function careManagementOf(
  reader: Reader,
  patientId: string,
  shown: (resources: readonly Resource[]) => Promise<Resource[]>,
): Promise<CareManagement[]> {
  const rows = await runningEnrollments(reader, patientId);
  if (rows.length === 0) return [];
  const episodes = await reader.readMany(rows.map(({ episode_id: id }) => ({ type: 'EpisodeOfCare', id })));
  const team = currentOf(await reader.read('CareTeam', teamId(patientId)));
  const resources = [...episodes.map(resourceOf), ...(team ? [team] : [])];
  const around = await peopleAndPrograms(reader, resources);
  return madeOf(await shown([...resources, ...around]));
}

async function peopleAndPrograms(reader: Reader, resources: readonly Resource[]): Promise<Resource[]> {
  const enrollments = resources.flatMap((one) => enrollmentOf(one) ?? []);
  const wanted = enrollments.flatMap(({ programId, manager }) => [
    ...(programId === undefined ? [] : [`HealthcareService/${programId}`]),
    ...(manager === undefined ? [] : [manager]),
  ]);
  const named = await readAll(reader, wanted);
  const roles = await Promise.all(
    enrollments.map(({ manager = '', programId = '' }) => roleOf(reader, manager, programId)),
  );
  const first = [...named, ...roles.filter((role) => role !== undefined)];
  const practitioners = ofType(first, 'PractitionerRole').map(({ practitioner }) =>
    localId(practitioner, 'Practitioner'),
  );
  const second = await readAll(
    reader,
    practitioners.flatMap((id) => (id === undefined ? [] : [`Practitioner/${id}`])),
  );
  return [...first, ...second];
}

async function readAll(reader: Reader, references: readonly string[]): Promise<Resource[]> {
  const keys = [...new Set(references)].map((one) => ({ type: one.split('/')[0] ?? '', id: one.split('/')[1] ?? '' }));
  return (await reader.readMany(keys)).map(resourceOf);
}

function madeOf(resources: readonly Resource[]): CareManagement[] {
  const [team] = ofType(resources, 'CareTeam');
  const lead = leadOf(team);
  const leader = lead && memberKey(lead);
  return resources
    .flatMap((resource) => {
      const enrollment = enrollmentOf(resource);
      return enrollment && isRunning(enrollment) ? [oneOf(enrollment, resource.id ?? '', resources, leader)] : [];
    })
    .sort((a, b) => Number(b.leads) - Number(a.leads) || (a.episodeId < b.episodeId ? -1 : 1));
}

function oneOf(
  { programId, enrolledFrom, manager = '', status }: Enrollment,
  episodeId: string,
  resources: readonly Resource[],
  leader: string | undefined,
): CareManagement {
  const program = ofType(resources, 'HealthcareService').find(({ id }) => id === programId);
  const role = ofType(resources, 'PractitionerRole').find(
    ({ id, practitioner, healthcareService = [] }) =>
      manager === `PractitionerRole/${id}` ||
      (manager === localReference(practitioner) &&
        healthcareService.some((service) => localId(service, 'HealthcareService') === programId)),
  );
  const practitionerId = localId(role?.practitioner ?? { reference: manager }, 'Practitioner');
  const person = ofType(resources, 'Practitioner').find(({ id }) => id === practitionerId);
  const { name, phone } = told(role, person) ?? {};
  return {
    episodeId,
    onHold: status === 'onhold',
    leads: leader !== undefined && leader === manager,
    ...(program?.name !== undefined && { program: program.name }),
    ...(enrolledFrom !== undefined && { since: enrolledFrom }),
    ...(name !== undefined && { manager: name }),
    ...(phone !== undefined && { phone }),
  };
}

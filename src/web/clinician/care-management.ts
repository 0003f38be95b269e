import { isOfType, ofType } from '../../fhir/of-type.ts';
import { humanName, localReference } from '../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Answer, FhirClient } from '../shared/fhir-client.ts';

/** One program that works with the child now: whom to call (S4.12). */
export interface CareManagement {
  program?: string;
  /** The day it began, as a FHIR date. */
  since?: string;
  onHold: boolean;
  manager?: string;
  phone?: string;
}

const flagSystem = `${canonicalBase}/CodeSystem/care-flag`;
const programUrl = `${canonicalBase}/StructureDefinition/care-program`;
const flagDetailUrl = 'http://hl7.org/fhir/StructureDefinition/flag-detail';

/** Reads the Flags “in care management”, the enrollments they stand for, and who manages them. */
export async function readCareManagement(client: FhirClient, patientId: string): Promise<Answer<CareManagement[]>> {
  const flags = await client.all(`Flag?patient=${patientId}`);
  if (!flags.ok) return flags;
  if (flaggedEpisodes(flags.value).length === 0) return { ok: true, value: [] };
  const episodes = await client.all(`EpisodeOfCare?patient=${patientId}&status=active,onhold`);
  if (!episodes.ok) return episodes;
  const named = ofType(episodes.value, 'EpisodeOfCare').flatMap(({ careManager, extension }) => [
    localReference(careManager),
    localReference(extension?.find(({ url }) => url === programUrl)?.valueReference),
  ]);
  const ids = (type: string) =>
    [...new Set(named)].flatMap((one) => (one?.startsWith(`${type}/`) ? [one.slice(type.length + 1)] : [])).join(',');
  const urls = [
    ids('HealthcareService') && `HealthcareService?_id=${ids('HealthcareService')}`,
    ids('PractitionerRole') && `PractitionerRole?_id=${ids('PractitionerRole')}&_include=PractitionerRole:practitioner`,
    ids('Practitioner') && `Practitioner?_id=${ids('Practitioner')}`,
    ids('Practitioner') && `PractitionerRole?practitioner=${ids('Practitioner')}&active=true&_count=100`,
  ].filter((url) => url !== '');
  const people: Resource[] = [];
  for (const answer of await Promise.all(urls.map((url) => client.all(url)))) {
    if (!answer.ok) return answer;
    people.push(...answer.value);
  }
  return { ok: true, value: careManagementIn([...flags.value, ...episodes.value, ...people]) };
}

/** What the records say. Pure; in a fixed order. Without a program that works with the child it is empty. */
export function careManagementIn(resources: readonly Resource[]): CareManagement[] {
  const flagged = new Set(flaggedEpisodes(resources));
  return ofType(resources, 'EpisodeOfCare')
    .filter(({ id, status }) => flagged.has(`EpisodeOfCare/${id}`) && (status === 'active' || status === 'onhold'))
    .sort((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1))
    .map((episode) => toldOf(episode, resources));
}

function flaggedEpisodes(resources: readonly Resource[]): string[] {
  return ofType(resources, 'Flag')
    .filter(isCareManagementFlag)
    .flatMap(
      ({ extension }) => localReference(extension?.find(({ url }) => url === flagDetailUrl)?.valueReference) ?? [],
    );
}

/** In force; made by Careweave with the enrollment. */
export function isCareManagementFlag({ status, code }: r4.Flag): boolean {
  const isOurs = code.coding?.some((one) => one.system === flagSystem && one.code === 'in-care-management');
  return status === 'active' && isOurs === true;
}

function toldOf(episode: r4.EpisodeOfCare, resources: readonly Resource[]): CareManagement {
  const programRef = localReference(episode.extension?.find(({ url }) => url === programUrl)?.valueReference);
  const find = (reference: string | undefined) =>
    resources.find(({ resourceType, id }) => `${resourceType}/${id}` === reference);
  const program = find(programRef);
  const managerRef = localReference(episode.careManager);
  const role = roleOf(managerRef, programRef, resources);
  const person = find(localReference(role?.practitioner) ?? managerRef);
  const practitioner = isOfType(person, 'Practitioner') ? person : undefined;
  const phone = phoneOf(role?.telecom) ?? phoneOf(practitioner?.telecom);
  const manager = humanName(practitioner?.name) ?? role?.practitioner?.display ?? episode.careManager?.display;
  const since = episode.period?.start?.slice(0, 10);
  return {
    onHold: episode.status === 'onhold',
    ...(isOfType(program, 'HealthcareService') && program.name !== undefined && { program: program.name }),
    ...(since !== undefined && { since }),
    ...(manager !== undefined && { manager }),
    ...(phone !== undefined && { phone }),
  };
}

/** In which role the manager serves this program: the number of the role comes before the person's own. */
function roleOf(
  manager: string | undefined,
  program: string | undefined,
  resources: readonly Resource[],
): r4.PractitionerRole | undefined {
  const roles = ofType(resources, 'PractitionerRole');
  const named = roles.find(({ id }) => `PractitionerRole/${id}` === manager);
  if (named) return named;
  const serving = roles.filter(
    ({ practitioner, healthcareService = [], active }) =>
      active !== false &&
      manager !== undefined &&
      localReference(practitioner) === manager &&
      healthcareService.some((service) => localReference(service) === program),
  );
  return serving.length === 1 ? serving[0] : undefined;
}

function phoneOf(telecom: readonly r4.ContactPoint[] | undefined): string | undefined {
  return telecom?.find(({ system, value }) => (system === 'phone' || system === 'sms') && value !== undefined)?.value;
}

import { isMirror } from '../../fhir/mirror.ts';
import { isAnsweredInPrivate } from '../../fhir/plan-view/restricted.ts';
import { aboutMeCategory, aboutMeCodes } from '../../fhir/plan-view/sections/about-me.ts';
import { isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { FhirClient } from '../shared/fhir-client.ts';
import { type Reading, readPlan } from '../shared/fhir-reader.ts';
import type { Session } from '../shared/smart-launch.ts';

/** A reading of the plan; `unattributed`: who wrote some of the lines could not be read. */
export type ChartReading = Reading & { unattributed?: true };

/** What the sections are made of besides the plan's own surroundings, of the record as a whole. */
const wholeTypes = [
  ...['AllergyIntolerance', 'MedicationRequest', 'MedicationStatement', 'Device', 'DeviceUseStatement', 'Procedure'],
  ...['Immunization', 'DeviceRequest', 'Coverage', 'Consent', 'Flag', 'Communication', 'NutritionOrder'],
  ...['VisionPrescription', 'Appointment', 'CommunicationRequest', 'RequestGroup'],
];
/** Whom and what those name, which comes along. */
const namedTypes = ['Practitioner', 'PractitionerRole', 'Organization', 'HealthcareService', 'Location', 'Medication'];
/** What is said of a paper; not the paper itself, which may be long. */
const paperElements = 'status,category,description,type,date,author,authenticator,custodian,subject';

function sectionSearches(patient: string): string[] {
  return [
    `Patient/${patient}/$everything?_type=${[...wholeTypes, ...namedTypes].join(',')}&_count=1000`,
    `DocumentReference?patient=${patient}&_elements=${paperElements}&_count=200`,
    `Observation?patient=${patient}&code=${aboutMeCodes.join(',')}&_count=200`,
    `Observation?patient=${patient}&category=${aboutMeCategory},baseline&_count=200`,
    `Observation?patient=${patient}&_tag=baseline&_count=200`,
    `Observation?patient=${patient}&_security=PARENTOWN&_count=200`,
  ];
}

/**
 * Reads a child's plan and all that its sections are made of: wholly or not at all, because a part of a record looks like a whole one. Only who wrote which line
 * may be missing, and then that is said.
 */
export async function readChart(session: Session, client: FhirClient): Promise<ChartReading> {
  const reading = await readPlan(session, sectionSearches(session.patientId));
  if (reading.kind !== 'plan') return reading;
  const resources = reading.resources.filter((one) => !isAnsweredInPrivate(one));
  const writers = await writersOf(resources, client);
  const people = await peopleOf([...resources, ...writers.found], session.fhirUser, client);
  const unattributed = !(writers.isWhole && people.isWhole);
  return {
    ...reading,
    resources: [...resources, ...writers.found, ...people.found],
    ...(unattributed && { unattributed }),
  };
}

interface Found {
  found: Resource[];
  isWhole: boolean;
}

/** So many records are asked for at once. */
const atOnce = 50;

/** The Provenances of what was written here; of what a hospital sent, the plan's reader has read one. */
async function writersOf(resources: readonly Resource[], client: FhirClient): Promise<Found> {
  const own = resources.filter((one) => !isMirror(one) && isAttributed(one));
  const targets = own.map(({ resourceType, id }) => `${resourceType}/${id}`);
  return allOf(
    chunksOf(targets).map((chunk) => `Provenance?target=${chunk.join(',')}&_count=1000`),
    client,
  );
}

/** The shared plan is written with everything that changes; who says its lines, the lines say. */
function isAttributed(resource: Resource): boolean {
  const { resourceType } = resource;
  if (resourceType === 'Patient' || resourceType === 'Provenance' || namedTypes.includes(resourceType)) return false;
  return resourceType !== 'CarePlan' || !isSharedPlan(resource as Pick<r4.CarePlan, 'category'>);
}

const followed = /^(Practitioner|PractitionerRole|Organization|HealthcareService|Location|Medication)\/[\w.-]{1,64}$/;
/** A role leads to its practitioner and organization, and there it ends. */
const rounds = 2;

/** People and organizations that are named and not read yet, and whoever is signed in. */
async function peopleOf(
  resources: readonly Resource[],
  signedIn: string | undefined,
  client: FhirClient,
): Promise<Found> {
  const known = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`));
  const found: Resource[] = [];
  let fresh: readonly Resource[] = resources;
  let wanted = signedIn === undefined ? [] : [signedIn];
  for (let round = 0; round < rounds; round += 1) {
    wanted = [...new Set([...wanted, ...fresh.flatMap(namedBy)])].filter(
      (key) => followed.test(key) && !known.has(key),
    );
    for (const key of wanted) known.add(key);
    const answer = await allOf(idSearches(wanted), client);
    if (!answer.isWhole) return { found, isWhole: false };
    found.push(...answer.found);
    fresh = answer.found;
    wanted = [];
  }
  return { found, isWhole: true };
}

function idSearches(keys: readonly string[]): string[] {
  const byType = Map.groupBy(keys, (key) => key.split('/')[0] ?? '');
  return [...byType].flatMap(([type, own]) =>
    chunksOf(own.map((key) => key.split('/')[1] ?? '')).map((ids) => `${type}?_id=${ids.join(',')}&_count=${atOnce}`),
  );
}

/** What the searches find; those of which more pages are left are read on. */
async function allOf(urls: readonly string[], client: FhirClient): Promise<Found> {
  const answers = await Promise.all(urls.map((url) => client.all(url)));
  return {
    found: answers.flatMap((answer) => (answer.ok ? answer.value : [])),
    isWhole: answers.every(({ ok }) => ok),
  };
}

function chunksOf(list: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(list.length / atOnce) }, (_, at) => list.slice(at * atOnce, (at + 1) * atOnce));
}

function namedBy(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(namedBy);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'reference' && typeof inner === 'string' ? [inner.split('/_history/')[0] ?? ''] : namedBy(inner),
  );
}

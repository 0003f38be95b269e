import { type Compartments, whose } from './compartments.ts';
import { codingsIn, type Json, referencesIn } from './json.ts';
import type { World } from './world.ts';

/**
 * The requirements on people (PP-01 … PP-54) read once more, slowly and from the stored records: what must not be told, whatever the
 * policy's grants come to. It is written to find leaks, so where a rule opens something in a way that is not read here, it says nothing.
 */

const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode|';
const flagCode = 'http://careweave.org/fhir/CodeSystem/privacy-flag|';
const basisCode = 'http://careweave.org/fhir/CodeSystem/proxy-basis|';
const of = (...codes: string[]) => codes.map((code) => `${actCode}${code}`);

/** No member of a family is told these, the young person included. */
const neverToFamilies = of('SDV', 'VIO', 'PSYTHPN');
const untilReleased = of('TBOO', 'NOPAT');
/** What parents are not told without the young person's leave. */
const youngPersons = of(
  'SEX',
  'STD',
  'HIV',
  'BH',
  'MH',
  'PSY',
  'SUD',
  'ETH',
  'ETHUD',
  'OPIOIDUD',
  '42CFRPart2',
  'ADOL',
  'PHY',
  'PRS',
);
const parentsOwn = 'http://careweave.org/fhir/CodeSystem/sensitivity|';
/** What a parent with limited access is told of at all. */
const limitedTypes = new Set([
  'Patient',
  'Immunization',
  'AllergyIntolerance',
  'Appointment',
  'Observation',
  'DocumentReference',
  'CarePlan',
  'Goal',
  'RelatedPerson',
]);

export interface Stored {
  record: Json;
  /** The records that it was produced by, as far as they are stored: Encounter, ServiceRequest. */
  origins: readonly Json[];
}

export interface Reading {
  compartments: Compartments;
  codes: ReadonlyMap<string, readonly string[]>;
}

/** Why this person must not have been told of the record; undefined when nothing here says so. */
export function beyondPerson(fhirUser: string, stored: Stored, world: World, reading: Reading): string | undefined {
  if (/^Practitioner(Role)?\//.test(fhirUser)) return beyondStaff(fhirUser, stored, world);
  return beyondFamily(fhirUser, stored, world, reading);
}

function beyondStaff(fhirUser: string, { record }: Stored, world: World): string | undefined {
  if ((world.roles.get(fhirUser) ?? []).length > 0) return undefined;
  const labels = labelsOf(record);
  const patients = namedPatients(record);
  if (patients.some((id) => world.emergencies.has(`${fhirUser} ${id}`))) return undefined;
  if (labels.includes(`${actCode}PSYTHPN`)) return 'psychotherapy notes are for who wrote them';
  const mentions = (consent: Json) => consent.status === 'active' && referencesIn(consent.provision).includes(fhirUser);
  if (labels.includes(`${actCode}42CFRPart2`) && !world.of('Consent').some(mentions))
    return 'of a Part 2 program, without a consent that names this reader';
  const isKept = (id: string) =>
    flagsOf(id, world).includes('protected-chart') &&
    !world.of('CareTeam').some((team) => referencesIn(team).includes(fhirUser));
  return patients.length > 0 && patients.every(isKept)
    ? 'a protected chart of which the reader is no team member'
    : undefined;
}

function beyondFamily(fhirUser: string, stored: Stored, world: World, reading: Reading): string | undefined {
  const { record } = stored;
  const mine = identitiesOf(fhirUser, world);
  const name = `${record.resourceType}/${record.id}`;
  if (mine.has(name) && record.resourceType !== 'Patient') return undefined;
  const children = [...new Set([...mine].flatMap((one) => relatedChildren(one, world)))];
  const kinds = new Map(children.map((id) => [id, relationTo(id, mine, world)] as const));
  const live = children.filter((id) => kinds.get(id) !== 'none');
  const belongs = whose(record, new Set(live), reading.compartments);
  if (belongs === "nobody's") return live.length > 0 ? undefined : 'a reader who is given no child';
  if (belongs === 'other') return 'it is of no child that this reader is given';
  const its = live.filter((id) => whose(record, new Set([id]), reading.compartments) === 'theirs');
  const reasons = its.map((id) => keptFrom(kinds.get(id) ?? 'none', stored, reading));
  return reasons.includes(undefined) ? undefined : reasons[0];
}

type Relation = 'none' | 'self' | 'full' | 'limited' | 'with leave' | 'other';

function keptFrom(relation: Relation, { record, origins }: Stored, { codes }: Reading): string | undefined {
  const labels = [record, ...origins].flatMap(labelsOf);
  const has = (some: readonly string[]) => labels.some((label) => some.includes(label));
  if (has(neverToFamilies)) return 'abuse or psychotherapy, told to no family';
  if (has(untilReleased)) return 'not discussed yet';
  if (relation === 'full' && has(of('ADOL', 'PHY', 'PRS', 'SUD', '42CFRPart2'))) return "the young person's own";
  if (relation !== 'limited') return undefined;
  if (!limitedTypes.has(record.resourceType)) return `no ${record.resourceType} for limited access`;
  if (has(youngPersons)) return "the young person's own";
  if (labels.some((label) => label.startsWith(parentsOwn))) return "a parent's own";
  const said = [record, ...origins].flatMap(codingsIn);
  for (const [category, tests] of codes) {
    const meets = (test: string) =>
      said.some((one) => (test.startsWith('=') ? one === test.slice(1) : one.startsWith(test.slice(1))));
    // An immunization is on every card, whatever it is against.
    if (record.resourceType !== 'Immunization' && tests.some(meets)) return `its codes are of ${category}`;
  }
  return undefined;
}

const labelsOf = (record: Json): string[] => codingsIn(record.meta?.security);
const namedPatients = (record: Json) => [
  ...new Set([
    ...(record.resourceType === 'Patient' ? [record.id] : []),
    ...referencesIn(record).flatMap((one) => (one.startsWith('Patient/') ? [one.slice(8)] : [])),
  ]),
];

/** Everything that is the same human being: a Person, and the records it links. */
function identitiesOf(fhirUser: string, world: World): Set<string> {
  const persons = world
    .of('Person')
    .filter((one) => `Person/${one.id}` === fhirUser || referencesIn(one.link).includes(fhirUser));
  return new Set([fhirUser, ...persons.flatMap((one) => referencesIn(one.link))]);
}

function relatedChildren(identity: string, world: World): string[] {
  if (identity.startsWith('Patient/')) return [identity.slice(8)];
  const found = world.of('RelatedPerson').find((one) => `RelatedPerson/${one.id}` === identity);
  return found ? referencesIn(found.patient).map((one) => one.slice(8)) : [];
}

function relationTo(child: string, mine: ReadonlySet<string>, world: World): Relation {
  const patient = world.of('Patient').find(({ id }) => id === child);
  if (!patient) return 'none';
  const flags = flagsOf(child, world);
  const age = ageOf(patient.birthDate, world.now);
  const isAdult = flags.includes('emancipated') || age.most >= 18;
  if (mine.has(`Patient/${child}`)) return age.most >= 12 || flags.includes('emancipated') ? 'self' : 'none';
  const relatives = world
    .of('RelatedPerson')
    .filter((one) => mine.has(`RelatedPerson/${one.id}`) && referencesIn(one.patient).includes(`Patient/${child}`))
    .filter((one) => one.active !== false && isNow(one.period, world.now));
  const names = relatives.map(({ id }) => `RelatedPerson/${id}`);
  if (names.length === 0) return 'none';
  const consents = world
    .of('Consent')
    .filter((one) => one.status === 'active' && referencesIn(one.patient).includes(`Patient/${child}`));
  const concerns = ({ provision }: Json) => referencesIn(provision).some((one) => names.includes(one));
  const proxies = consents.filter(
    (one) => one.provision?.type === 'permit' && concerns(one) && isNow(one.provision.period, world.now),
  );
  if (proxies.length === 0) return 'none';
  const bases = proxies
    .flatMap(({ category }) => codingsIn(category))
    .flatMap((one) => (one.startsWith(basisCode) ? [one.slice(basisCode.length)] : []));
  const byBirth = bases.every((basis) => ['parent', 'guardian', 'court'].includes(basis));
  if (!byBirth) return bases.includes('teen-authorised') && !isAdult && age.least >= 12 ? 'with leave' : 'other';
  const isDiminished = flags.includes('diminished-capacity');
  if (isAdult && !isDiminished) return 'none';
  if (isAdult || isDiminished) return 'other';
  return age.most < 12 && age.isKnown ? 'full' : 'limited';
}

function flagsOf(child: string, world: World): string[] {
  return world
    .of('Flag')
    .filter((one) => one.status === 'active' && referencesIn(one.subject).includes(`Patient/${child}`))
    .filter((one) => isNow(one.period, world.now))
    .flatMap(({ code }) => codingsIn(code))
    .flatMap((one) => (one.startsWith(flagCode) ? [one.slice(flagCode.length)] : []));
}

/** True unless it is over, or has not begun, by more than the day that a time zone may make. */
function isNow(period: Json | undefined, now: Date): boolean {
  const day = 24 * 3600 * 1000;
  const at = now.getTime();
  const start = Date.parse(period?.start ?? '');
  const end = Date.parse(period?.end ?? '');
  return !(start > at + day) && !(end + 2 * day < at);
}

/** Whole years by the calendar of the policy's town; of a date that is not whole, both ways. */
function ageOf(birthDate: unknown, now: Date): { least: number; most: number; isKnown: boolean } {
  const [year, month = '', dayOfMonth = ''] = String(birthDate ?? '').split('-');
  if (!/^\d{4}$/.test(year ?? '')) return { least: 0, most: 17, isKnown: false };
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' }).format(now);
  const years = (born: string) =>
    Number(today.slice(0, 4)) - Number(born.slice(0, 4)) - (today.slice(5) < born.slice(5) ? 1 : 0);
  const least = years(`${year}-${month || '12'}-${dayOfMonth || '31'}`);
  return { least, most: years(`${year}-${month || '01'}-${dayOfMonth || '01'}`), isKnown: dayOfMonth !== '' };
}

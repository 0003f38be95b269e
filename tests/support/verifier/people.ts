import { type Compartments, whose } from './compartments.ts';
import { codingsIn, type Json, referencesIn } from './json.ts';
import { beyondPartner, partnersOf } from './partners.ts';
import type { Sensitive, World } from './world.ts';

/**
 * The requirements on people (PP-01 … PP-54) read once more, slowly and from the stored records: what must not be told, whatever the
 * policy's grants come to. It is written to find leaks, so where a rule opens something in a way that is not read here, it says nothing.
 */

const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode|';
const flagCode = 'http://careweave.org/fhir/CodeSystem/privacy-flag|';
const basisCode = 'http://careweave.org/fhir/CodeSystem/proxy-basis|';

/** What no family is told, the young person included, and what nobody of it is told before it was talked about. */
const neverToFamilies = ['abuse', 'psychotherapy-notes', 'undiscussed'];
/** What parents of young children are not told either: the young person's own, and the other parent's. */
const neverToParents = ['adolescent-confidential', 'substance-use', 'part2', 'parent-own'];
/** What is told of at all to a parent with limited access, and to who looks after a child placed with them. */
const limitedTypes = new Set([
  ...[
    'Patient',
    'Immunization',
    'AllergyIntolerance',
    'Appointment',
    'Observation',
    'DocumentReference',
    'CarePlan',
    'Goal',
    'Task',
    'Communication',
    'Consent',
  ],
]);
const placedTypes = new Set([
  ...['Patient', 'AllergyIntolerance', 'Immunization', 'Appointment', 'CarePlan', 'Goal', 'Condition'],
  ...['MedicationRequest', 'MedicationStatement'],
]);
/** Who may know what of whom: no proxy is told of another, nor of the papers that say so (PP-07). */
const aboutProxies = new Set(['Consent', 'Flag', 'Person', 'RelatedPerson', 'AuditEvent']);

export interface Stored {
  record: Json;
  /** The records that it was produced by, as far as they are stored: Encounter, ServiceRequest. */
  origins: readonly Json[];
}

export interface Reading {
  compartments: Compartments;
  categories: readonly Sensitive[];
}

/** Why this person must not have been told of the record; undefined when nothing here says so. */
export function beyondPerson(fhirUser: string, stored: Stored, world: World, reading: Reading): string | undefined {
  if (/^Practitioner(Role)?\//.test(fhirUser)) {
    const partners = partnersOf(fhirUser, world);
    if (partners) return beyondPartner(fhirUser, stored, partners, world, reading.categories);
    return beyondStaff(fhirUser, stored, world);
  }
  return beyondFamily(fhirUser, stored, world, reading);
}

function beyondStaff(fhirUser: string, { record, origins }: Stored, world: World): string | undefined {
  if ((world.roles.get(fhirUser) ?? []).length > 0) return undefined;
  const labels = [record, ...origins].flatMap(labelsOf);
  const patients = namedPatients(record);
  if (patients.some((id) => world.emergencies.has(`${fhirUser} ${id}`))) return undefined;
  if (labels.includes(`${actCode}PSYTHPN`)) return 'psychotherapy notes are for who wrote them';
  const mentions = (consent: Json) =>
    consent.status === 'active' &&
    isNow(consent.provision?.period, world) &&
    referencesIn(consent.provision).includes(fhirUser);
  if (labels.includes(`${actCode}42CFRPart2`) && !world.of('Consent').some(mentions))
    return 'of a Part 2 program, without a consent that names this reader';
  const isKept = (id: string) =>
    flagsOf(id, world).some(({ code }) => codingsIn(code).includes(`${flagCode}protected-chart`)) &&
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
  const live = children.filter((id) => kinds.get(id)?.is !== 'none');
  const belongs = whose(record, new Set(live), reading.compartments);
  if (belongs === "nobody's") return live.length > 0 ? undefined : 'a reader who is given no child';
  if (belongs === 'other') return 'it is of no child that this reader is given';
  const its = live.filter((id) => whose(record, new Set([id]), reading.compartments) === 'theirs');
  const isShared = namesOrTold(record, mine);
  const reasons = its.map((id) => {
    const kind = kinds.get(id) ?? none;
    return isAmongPeople(record) && kind.is !== 'self' && !isShared
      ? `a ${record.resourceType} that neither names this reader nor is shared with the family`
      : keptFrom(kind, stored, reading);
  });
  return reasons.includes(undefined) ? undefined : reasons[0];
}

/** What people write to and ask of each other: told to whom it names, or with the tag of what is shared. */
const isAmongPeople = ({ resourceType }: Json) => resourceType === 'Task' || resourceType === 'Communication';

function namesOrTold(record: Json, mine: ReadonlySet<string>): boolean {
  const { requester, owner, recipient, sender, meta } = record;
  const isTagged = codingsIn(meta?.tag).includes('http://careweave.org/fhir/CodeSystem/sharing|family-shared');
  return isTagged || referencesIn([requester, owner, recipient, sender]).some((one) => mine.has(one));
}

interface Relation {
  is: 'none' | 'self' | 'full' | 'limited' | 'with leave' | 'placed' | 'other';
  /** Labels that the young person's leave opens. */
  opened: readonly string[];
  /** The birth mother, who may see what is about herself. */
  isMother?: boolean;
}

const none: Relation = { is: 'none', opened: [] };

function keptFrom(
  { is, opened, isMother = false }: Relation,
  { record, origins }: Stored,
  { categories }: Reading,
): string | undefined {
  const type = record.resourceType;
  if (type === 'Flag' || type === 'Person') return `no ${type} for a family`;
  const isOfOrganization = codingsIn(record.category).includes(`${actCode}IDSCL`);
  if (is !== 'self' && aboutProxies.has(type) && !isOfOrganization) return `no ${type} for a proxy`;
  if (is === 'limited' && !limitedTypes.has(type)) return `no ${type} for limited access`;
  if (is === 'placed' && !placedTypes.has(type)) return `no ${type} for who looks after a placed child`;
  const labels = [record, ...origins].flatMap(labelsOf);
  // An immunization is on every card, whatever it is against.
  const said = type === 'Immunization' ? [] : [record, ...origins].flatMap(codingsIn);
  const found = categories.filter(
    (one) =>
      one.labels.some((label) => labels.includes(label)) ||
      one.codes.some((code) => said.includes(code)) ||
      one.prefixes.some((prefix) => said.some((code) => code.startsWith(prefix))),
  );
  const kept = found.find(({ name, labels: own }) => {
    if (neverToFamilies.includes(name)) return true;
    // Confidentiality alone says how, not what.
    if (is === 'self' || is === 'other' || name === 'restricted') return false;
    if (name === 'maternal') return is === 'full' && !isMother;
    if (is === 'full') return neverToParents.includes(name);
    return is === 'with leave' ? !own.some((label) => opened.includes(label)) : true;
  });
  return kept === undefined ? undefined : `it is of ${kept.name}`;
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
  if (!patient) return none;
  const flags = flagsOf(child, world);
  const has = (code: string) => flags.some((flag) => codingsIn(flag.code).includes(`${flagCode}${code}`));
  const age = ageOf(patient.birthDate, world);
  if (mine.has(`Patient/${child}`)) return age.most >= 12 || has('emancipated') ? { is: 'self', opened: [] } : none;
  const isOfChild = (one: Json) => referencesIn(one.patient).includes(`Patient/${child}`);
  const relatives = world
    .of('RelatedPerson')
    .filter((one) => mine.has(`RelatedPerson/${one.id}`) && isOfChild(one))
    .filter((one) => one.active !== false && isNow(one.period, world));
  const names = relatives.map(({ id }) => `RelatedPerson/${id}`);
  const isMother = relatives.flatMap(codingsIn).some((one) => /\|(NMTH|GESTM)$/.test(one));
  const consents = world
    .of('Consent')
    .filter((one) => one.status === 'active' && isOfChild(one) && isNow(one.provision?.period, world));
  const concerns = ({ provision }: Json) => referencesIn(provision).some((one) => names.includes(one));
  const isAdult = has('emancipated') || age.most >= 18;
  const denials = consents.filter((one) => deniesAll(one, concerns(one)) && (isAdult || !isTheirOwn(one)));
  if (flags.some((flag) => isRestriction(flag, names)) || denials.length > 0) return none;
  const proxies = consents.filter((one) => one.provision?.type === 'permit' && concerns(one));
  const bases = proxies
    .flatMap(({ category }) => codingsIn(category))
    .flatMap((one) => (one.startsWith(basisCode) ? [one.slice(basisCode.length)] : []));
  const isDiminished = flags.some(
    (flag) => codingsIn(flag.code).includes(`${flagCode}diminished-capacity`) && isThisYears(flag, world),
  );
  const relation = relationBy(
    bases,
    proxies.flatMap(({ provision }) => codingsIn(provision.securityLabel)),
    {
      isAdult,
      isTeen: age.most >= 12 || !age.isKnown,
      isDiminished,
    },
  );
  return { ...relation, isMother };
}

function relationBy(
  bases: readonly string[],
  opened: readonly string[],
  { isAdult, isTeen, isDiminished }: { isAdult: boolean; isTeen: boolean; isDiminished: boolean },
): Relation {
  const all = (...some: string[]) => bases.length > 0 && bases.every((basis) => some.includes(basis));
  if (bases.length === 0) return none;
  if (all('foster-parent', 'agency-caseworker')) return isAdult ? none : { is: 'placed', opened: [] };
  if (all('teen-authorised')) return isTeen && !isAdult ? { is: 'with leave', opened } : none;
  if (!all('parent', 'guardian', 'court')) return { is: 'other', opened };
  if (isAdult) return isDiminished ? { is: 'other', opened } : none;
  if (!isTeen) return { is: 'full', opened: [] };
  return isDiminished ? { is: 'other', opened } : { is: 'limited', opened: [] };
}

/** A court's restriction that names one of these, or nobody and so everybody. */
function isRestriction(flag: Json, names: readonly string[]): boolean {
  if (!codingsIn(flag.code).includes(`${flagCode}court-restriction`)) return false;
  const restricted = referencesIn(flag.extension);
  return restricted.length === 0 || restricted.some((one) => names.includes(one));
}

/** A denial without any word of what it is about is of everything. */
function deniesAll({ provision }: Json, concerns: boolean): boolean {
  if (provision?.type !== 'deny' || (provision.actor !== undefined && !concerns)) return false;
  return Object.keys(provision).every((name) => ['id', 'type', 'period', 'actor'].includes(name));
}

/** What a young person writes without anybody's help does not keep a parent from the whole record. */
function isTheirOwn({ category }: Json): boolean {
  const bases = codingsIn(category).filter((one) => one.startsWith(basisCode));
  return bases.length === 1 && /teen-authorised$|adult-child-authorised$/.test(bases[0] ?? '');
}

function flagsOf(child: string, world: World): Json[] {
  return world
    .of('Flag')
    .filter((one) => one.status === 'active' && referencesIn(one.subject).includes(`Patient/${child}`))
    .filter((one) => isNow(one.period, world));
}

function isThisYears({ period }: Json, world: World): boolean {
  const start = String(period?.start ?? '').slice(0, 10);
  return `${Number(start.slice(0, 4)) + 1}${start.slice(4)}` > dayOf(world);
}

/** By the calendar of the policy's town; a date that is not whole holds for all of it. */
export function isNow(period: Json | undefined, world: World): boolean {
  const day = dayOf(world);
  const [start, end] = [period?.start, period?.end].map((text) =>
    typeof text === 'string' ? text.slice(0, 10) : undefined,
  );
  return (start === undefined || start <= day) && (end === undefined || day.slice(0, end.length) <= end);
}

const dayOf = ({ now }: World) => new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York' }).format(now);

/** Whole years by the calendar of the policy's town; of a date that is not whole, both ways. */
function ageOf(birthDate: unknown, world: World): { least: number; most: number; isKnown: boolean } {
  const [year, month = '', dayOfMonth = ''] = String(birthDate ?? '').split('-');
  if (!/^\d{4}$/.test(year ?? '')) return { least: 0, most: 17, isKnown: false };
  const today = dayOf(world);
  const years = (born: string) =>
    Number(today.slice(0, 4)) - Number(born.slice(0, 4)) - (today.slice(5) < born.slice(5) ? 1 : 0);
  const least = years(`${year}-${month || '12'}-${dayOfMonth || '31'}`);
  return { least, most: years(`${year}-${month || '01'}-${dayOfMonth || '01'}`), isKnown: dayOfMonth !== '' };
}

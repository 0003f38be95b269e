import { codingsIn, type Json, referencesIn } from './json.ts';
import { isNow, type Stored } from './people.ts';
import type { Sensitive, World } from './world.ts';

/** Who works for a school, a community organization or a vendor is told the least of few children (decision D17), read once more from the records. */

const kindCode = 'http://careweave.org/fhir/CodeSystem/partner-kind|';
const planCode = 'http://careweave.org/fhir/CodeSystem/careplan-category|';
const open = ['requested', 'received', 'accepted', 'ready', 'in-progress', 'on-hold'];
const everyones = [
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Location',
  'HealthcareService',
  'Questionnaire',
];
const toldTo: Record<string, readonly string[]> = {
  school: ['Patient', 'AllergyIntolerance', 'CarePlan', 'DocumentReference', 'Task', 'Communication'],
  'community-organization': ['Patient', 'ServiceRequest', 'Task', 'Communication'],
  vendor: [
    ...[
      'Patient',
      'AllergyIntolerance',
      'Appointment',
      'CarePlan',
      'CareTeam',
      'Condition',
      'Encounter',
      'EpisodeOfCare',
    ],
    ...['Goal', 'Immunization', 'MedicationRequest', 'ServiceRequest', 'Task', 'Communication'],
  ],
};

const kindsOf = (organization: Json | undefined) =>
  codingsIn(organization?.type).flatMap((one) => (one.startsWith(kindCode) ? [one.slice(kindCode.length)] : []));

/** The partner organizations that somebody works for; undefined for who has a place in one that is none, or in none at all. */
export function partnersOf(fhirUser: string, world: World): Json[] | undefined {
  const roles = world
    .of('PractitionerRole')
    .filter((one) => `PractitionerRole/${one.id}` === fhirUser || referencesIn(one.practitioner).includes(fhirUser));
  const named = roles
    .filter(({ active }) => active !== false)
    .flatMap(({ organization }) => referencesIn(organization));
  const organizations = world.of('Organization').filter(({ id }) => named.includes(`Organization/${id}`));
  const partners = organizations.filter((one) => kindsOf(one).length > 0);
  return partners.length > 0 && partners.length === organizations.length ? partners : undefined;
}

export function beyondPartner(
  fhirUser: string,
  { record, origins }: Stored,
  partners: readonly Json[],
  world: World,
  categories: readonly Sensitive[],
): string | undefined {
  if (everyones.includes(record.resourceType)) return undefined;
  const names = [fhirUser, ...partners.map(({ id }) => `Organization/${id}`)];
  const ofWhom = patientOf(record);
  if (ofWhom === undefined) return 'of no child, to a partner';
  const isOfChild = (one: Json) => patientOf(one) === ofWhom;
  const reasons = partners.map((partner) => {
    const [kind = ''] = kindsOf(partner);
    const own = `Organization/${partner.id}`;
    if (!(toldTo[kind] ?? []).includes(record.resourceType)) return `no ${record.resourceType} for a ${kind}`;
    if (kind === 'school' && record.resourceType === 'CarePlan' && !isSchools(record))
      return 'another plan than the school’s';
    if (
      !world
        .of('Contract')
        .some((one) => one.status === 'executed' && isNow(one.applies, world) && referencesIn(one.signer).includes(own))
    )
      return 'without an agreement';
    const isNamed = (value: unknown) =>
      referencesIn(value).some((one) => names.includes(one) || isRoleOf(one, names, world));
    const { requester, owner, sender, recipient, performer } = record;
    if (mustName(kind, record) && !isNamed([requester, owner, sender, recipient, performer]))
      return `a ${record.resourceType} that does not name this partner`;
    const grounds = [
      ...world.of('CareTeam').filter((one) => one.status === 'active' && isNamed(one.participant)),
      ...world.of('Task').filter((one) => open.includes(one.status) && isNamed(one.owner)),
      ...world
        .of('EpisodeOfCare')
        .filter((one) => ['active', 'onhold'].includes(one.status) && isNamed(one.managingOrganization)),
    ];
    if (!grounds.some(isOfChild)) return 'without a team, a Task or an enrollment';
    const consents = world
      .of('Consent')
      .filter(
        (one) =>
          one.status === 'active' && isOfChild(one) && isNow(one.provision?.period, world) && isNamed(one.provision),
      );
    if (consents.some(({ provision }) => provision.type === 'deny' && provision.securityLabel === undefined))
      return 'although the family has denied it';
    const given = consents.filter(({ provision }) => provision.type === 'permit');
    if (kind !== 'vendor' && given.length === 0) return 'without the family’s leave';
    return sensitive([record, ...origins], given, categories);
  });
  return reasons.includes(undefined) ? undefined : reasons[0];
}

/** What is told only to whom it names: what people ask of each other, and to a community organization a request. */
const mustName = (kind: string, { resourceType }: Json) =>
  ['Task', 'Communication'].includes(resourceType) ||
  (kind === 'community-organization' && resourceType === 'ServiceRequest');

/** What is sensitive is told only where a consent names its label. */
function sensitive(records: readonly Json[], given: readonly Json[], categories: readonly Sensitive[]) {
  const said = records.flatMap((one) => [...codingsIn(one.meta?.security), ...codingsIn(one)]);
  const opened = given.flatMap(({ provision }) => codingsIn(provision.securityLabel));
  const found = categories.find(
    ({ labels, codes, prefixes }) =>
      !labels.some((label) => opened.includes(label)) &&
      said.some(
        (one) => labels.includes(one) || codes.includes(one) || prefixes.some((start) => one.startsWith(start)),
      ),
  );
  return found && `it is of ${found.name}`;
}

const isSchools = (plan: Json) =>
  codingsIn(plan.category).some((one) => one === `${planCode}school` || one === `${planCode}emergency`);

function isRoleOf(name: string, names: readonly string[], world: World): boolean {
  const role =
    name.startsWith('PractitionerRole/') && world.of('PractitionerRole').find(({ id }) => name.endsWith(`/${id}`));
  return role ? referencesIn([role.practitioner, role.organization]).some((one) => names.includes(one)) : false;
}

function patientOf(record: Json): string | undefined {
  if (record.resourceType === 'Patient') return record.id;
  return referencesIn([record.subject, record.patient, record.for])
    .find((one) => one.startsWith('Patient/'))
    ?.slice(8);
}

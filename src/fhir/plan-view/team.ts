import { isOfType } from '../of-type.ts';
import type { Resource, r4 } from '../types.ts';
import { compareText, conceptText, type Index, localReference } from './index-of.ts';
import { sourceOf } from './source.ts';
import type { TeamMember } from './types.ts';

export const leadCoordinatorUrl = 'http://careweave.org/fhir/StructureDefinition/lead-coordinator';

const npiSystem = 'http://hl7.org/fhir/sid/us-npi';

interface Known {
  member: TeamMember;
  /** The records that speak of this one person or organization. */
  records: Resource[];
}

/** The people and organizations of the plan's care teams, once each, the lead coordinator first. */
export function teamOf(plan: r4.CarePlan, index: Index): TeamMember[] {
  const known: Known[] = [];
  for (const reference of plan.careTeam ?? []) {
    const team = index.get(localReference(reference));
    if (!isOfType(team, 'CareTeam')) continue;
    for (const participant of team.participant ?? []) add(known, participant, index);
  }
  return known
    .map(({ member }) => member)
    .sort((a, b) => Number(b.lead) - Number(a.lead) || compareText(a.name, b.name));
}

function add(known: Known[], participant: r4.CareTeamParticipant, index: Index): void {
  const reference = localReference(participant.member);
  const name = index.nameOf(participant.member);
  if (participant.period?.end !== undefined || name === undefined) return;
  const record = index.get(reference);
  let one = known.find((other) => isSame(other, { reference, name, record }));
  if (!one) {
    one = { member: { ...(reference ? { reference } : {}), name, roles: [], lead: false, sources: [] }, records: [] };
    known.push(one);
  }
  const { member, records } = one;
  if (record && !records.includes(record)) records.push(record);
  for (const role of participant.role ?? []) {
    const text = conceptText(role);
    if (text !== undefined && !member.roles.includes(text)) member.roles.push(text);
  }
  const source = record && sourceOf(record, index);
  if (source && !member.sources.some(({ label }) => label === source.label)) member.sources.push(source);
  member.lead ||= isLead(participant);
}

/**
 * One person of several records: one National Provider Identifier, or the same kind of member with the same name and no identifier that
 * tells them apart. Namesakes with numbers of their own stay two.
 */
function isSame({ member, records }: Known, other: { reference?: string; name: string; record?: Resource }): boolean {
  const { reference, name, record } = other;
  if (reference !== undefined && reference === member.reference) return true;
  if (!record || records.length === 0) return reference === undefined && name === member.name;
  if (records.some((one) => sharesProviderNumber(one, record))) return true;
  const alike = records.every((one) => kindOf(one) === kindOf(record) && !differInIdentifier(one, record));
  return alike && normalizedName(name) === normalizedName(member.name);
}

function kindOf({ resourceType }: Resource): string {
  return resourceType === 'PractitionerRole' ? 'Practitioner' : resourceType;
}

/** Case, punctuation, accents and titles make no other person. */
function normalizedName(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  return words.filter((word) => word !== '' && !titles.has(word)).join(' ');
}

const titles: ReadonlySet<string> = new Set(['dr', 'prof', 'mr', 'mrs', 'ms', 'md', 'do', 'rn']);

function identifiersOf(record: Resource): readonly r4.Identifier[] {
  return Array.isArray(record.identifier) ? record.identifier : [];
}

function sharesProviderNumber(a: Resource, b: Resource): boolean {
  const number = (record: Resource) => identifiersOf(record).find(({ system }) => system === npiSystem)?.value;
  return number(a) !== undefined && number(a) === number(b);
}

function differInIdentifier(a: Resource, b: Resource): boolean {
  return identifiersOf(a).some(({ system, value }) => {
    const same = identifiersOf(b).filter((other) => system !== undefined && other.system === system);
    return same.length > 0 && same.every((other) => other.value !== value);
  });
}

export function isLead(participant: r4.CareTeamParticipant): boolean {
  return (
    participant.extension?.some(({ url, valueBoolean }) => url === leadCoordinatorUrl && valueBoolean === true) === true
  );
}

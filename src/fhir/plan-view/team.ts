import { isOfType } from '../of-type.ts';
import type { r4 } from '../types.ts';
import { compareText, conceptText, type Index, localReference } from './index-of.ts';
import type { TeamMember } from './types.ts';

export const leadCoordinatorUrl = 'http://careweave.org/fhir/StructureDefinition/lead-coordinator';

const npiSystem = 'http://hl7.org/fhir/sid/us-npi';

/** The people and organizations of the plan's care teams, once each, the lead coordinator first. */
export function teamOf(plan: r4.CarePlan, index: Index): TeamMember[] {
  const members = new Map<string, TeamMember>();
  for (const reference of plan.careTeam ?? []) {
    const team = index.get(localReference(reference));
    if (!isOfType(team, 'CareTeam')) continue;
    for (const participant of team.participant ?? []) add(members, participant, index);
  }
  return [...members.values()].sort((a, b) => Number(b.lead) - Number(a.lead) || compareText(a.name, b.name));
}

function add(members: Map<string, TeamMember>, participant: r4.CareTeamParticipant, index: Index): void {
  const reference = localReference(participant.member);
  const name = index.nameOf(participant.member);
  if (participant.period?.end !== undefined || name === undefined) return;
  const key = providerNumber(reference, index) ?? reference ?? name;
  const member = members.get(key) ?? { ...(reference ? { reference } : {}), name, roles: [], lead: false };
  for (const role of participant.role ?? []) {
    const text = conceptText(role);
    if (text !== undefined && !member.roles.includes(text)) member.roles.push(text);
  }
  member.lead ||= isLead(participant);
  members.set(key, member);
}

/** Two records with one National Provider Identifier are one clinician, whichever hospital sent them. Equal names are not enough. */
function providerNumber(reference: string | undefined, index: Index): string | undefined {
  const member = index.get(reference);
  if (!isOfType(member, 'Practitioner')) return undefined;
  return member.identifier?.find(({ system, value }) => system === npiSystem && value !== undefined)?.value;
}

export function isLead(participant: r4.CareTeamParticipant): boolean {
  return (
    participant.extension?.some(({ url, valueBoolean }) => url === leadCoordinatorUrl && valueBoolean === true) === true
  );
}

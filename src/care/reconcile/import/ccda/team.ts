import type { r4 } from '../../../../fhir/types.ts';
import { statementOf } from './entries.ts';
import type { Reading } from './sections.ts';
import { conceptOf, nameOf, periodOf } from './values.ts';
import { childOf, childrenOf, type XmlElement } from './xml.ts';

/** Care Team Organizer: its member acts. */
export function takeMembers(entry: XmlElement, reading: Reading): void {
  const organizer = statementOf(entry);
  if (!organizer) return;
  const acts = childrenOf(organizer, 'component').flatMap((component) => statementOf(component) ?? []);
  const performers = acts.flatMap((act) => childrenOf(act, 'performer').map((performer) => ({ performer, act })));
  reading.members.push(
    ...performers.flatMap(({ performer, act }) => {
      const member = memberOf(performer, reading);
      const period = periodOf(childOf(act, 'effectiveTime'));
      return member ? [{ ...member, ...(!member.period && period && { period }) }] : [];
    }),
  );
}

/** Somebody of the team, by name: who it is here nobody has said. Without a role it is none. */
export function memberOf(performer: XmlElement, reading: Reading): r4.CareTeamParticipant | undefined {
  const { narrative, records } = reading;
  const entity = childOf(performer, 'assignedEntity');
  const organization = nameOf(childOf(entity, 'representedOrganization', 'name'));
  const person = nameOf(childOf(entity, 'assignedPerson', 'name'));
  const display = [person, organization].filter((name) => name !== undefined).join(', ');
  if (display === '') {
    records.leave('A member of the team has no name.');
    return undefined;
  }
  const role =
    conceptOf(childOf(performer, 'functionCode'), narrative) ?? conceptOf(childOf(entity, 'code'), narrative);
  if (!role) {
    records.leave('A member of the team has no role.');
    return undefined;
  }
  const period = periodOf(childOf(performer, 'time'));
  return { role: [role], member: { display }, ...(period && { period }) };
}

/** The team as the document has it, each member once. It is a proposal: the child's own team is decided here. */
export function takeTeam(reading: Reading, performers: readonly r4.CareTeamParticipant[]): void {
  const members = new Map(
    [...performers, ...reading.members].map((one) => [JSON.stringify([one.member, one.role]), one]),
  );
  if (members.size === 0) return;
  reading.records.add({
    resourceType: 'CareTeam',
    status: 'proposed',
    name: 'Care team of an imported plan',
    subject: reading.subject,
    participant: [...members.values()],
  });
}

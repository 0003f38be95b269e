import { isLead } from '../../fhir/plan-view/team.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';

/** On a participant that no person put there: the Task or enrollment by which they joined. Whoever takes it away makes the membership permanent. */
export const joinedByUrl = `${canonicalBase}/StructureDefinition/joined-by`;

export const teamRoleSystem = `${canonicalBase}/CodeSystem/care-team-role`;
const primaryCareCode = 'primary-care';

/** The role of the one clinician whose practice is the child's home base. */
export const primaryCareRole: r4.CodeableConcept = {
  coding: [{ system: teamRoleSystem, code: primaryCareCode, display: 'Primary care clinician' }],
  text: 'Primary care',
};

/** Who a participant is: the local reference without its version, else what else it is named by; undefined for contained ones. */
export function memberKey({ member }: Pick<r4.CareTeamParticipant, 'member'>): string | undefined {
  const literal = member?.reference?.split('/_history/')[0];
  if (literal !== undefined) return literal.startsWith('#') ? undefined : literal;
  return member?.identifier?.value ?? member?.display;
}

/** Still on the team: nobody has ended the membership. An end that is planned for a later day is an end too. */
export function isCurrent({ period }: Pick<r4.CareTeamParticipant, 'period'>): boolean {
  return period?.end === undefined;
}

export function isPrimaryCare({ role }: Pick<r4.CareTeamParticipant, 'role'>): boolean {
  return (
    role?.some(({ coding }) =>
      coding?.some(({ system, code }) => system === teamRoleSystem && code === primaryCareCode),
    ) === true
  );
}

/** By what the participant joined; undefined: by hand, or by composing. */
export function joinedBy({ extension }: Pick<r4.CareTeamParticipant, 'extension'>): string | undefined {
  return extension?.find(({ url }) => url === joinedByUrl)?.valueReference?.reference;
}

/** The member who leads now; undefined without one. */
export function leadOf(team: r4.CareTeam | undefined): r4.CareTeamParticipant | undefined {
  return team?.participant?.find((one) => isLead(one) && isCurrent(one));
}

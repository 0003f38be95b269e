import { stableId } from '../../base/ids.ts';
import type { r4 } from '../../fhir/types.ts';

/** Whom a team may be drawn from. Roles are as stated; `role` is what to say when none is. */
export interface Candidate {
  participant: r4.CareTeamParticipant;
  role: string;
}

/**
 * The child's own care team: everyone who is in it stays as people arranged it, and new candidates are added, each once, by
 * member. Pure. Undefined when there is nobody to put in, because an empty team says nothing.
 */
export function teamContent(
  patientId: string,
  candidates: readonly Candidate[],
  existing: r4.CareTeam | undefined,
): r4.CareTeam | undefined {
  const team = existing ?? freshTeam(patientId);
  const known = new Set((team.participant ?? []).map(memberKey));
  const added: r4.CareTeamParticipant[] = [];
  for (const { participant, role } of candidates) {
    const key = memberKey(participant);
    if (key === undefined || known.has(key)) continue;
    known.add(key);
    added.push(participant.role?.length ? participant : { ...participant, role: [{ text: role }] });
  }
  const participant = [...(team.participant ?? []), ...added];
  return participant.length === 0 ? undefined : { ...team, participant };
}

export function teamId(patientId: string): string {
  return stableId('care-team', patientId);
}

function freshTeam(patientId: string): r4.CareTeam {
  return {
    resourceType: 'CareTeam',
    id: teamId(patientId),
    status: 'active',
    category: [
      {
        coding: [
          {
            system: 'http://loinc.org',
            code: 'LA28865-6',
            display: 'Longitudinal care-coordination focused care team',
          },
        ],
      },
    ],
    name: 'Care team',
    subject: { reference: `Patient/${patientId}` },
  };
}

function memberKey({ member }: r4.CareTeamParticipant): string | undefined {
  const literal = member?.reference?.split('/_history/')[0];
  if (literal !== undefined) return literal.startsWith('#') ? undefined : literal;
  return member?.identifier?.value ?? member?.display;
}

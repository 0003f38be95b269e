import { stableId } from '../../base/ids.ts';
import type { r4 } from '../../fhir/types.ts';
import { isCurrent, isPrimaryCare, memberKey, primaryCareRole } from './participants.ts';

/** Whom a team may be drawn from. Roles are as stated; `role` is what to say when none is. */
export interface Candidate {
  participant: r4.CareTeamParticipant;
  role: string;
  /** May be the team's one primary care clinician, when it has none. */
  primaryCare?: true;
}

/**
 * The child's own care team: everyone who is in it stays as people arranged it, and new candidates are added, each once, by
 * member, but nobody whom people took out (`removed`). Pure. Undefined when there is nobody to put in, because an empty team says nothing.
 */
export function teamContent(
  patientId: string,
  candidates: readonly Candidate[],
  existing: r4.CareTeam | undefined,
  removed: ReadonlySet<string> = new Set(),
): r4.CareTeam | undefined {
  const team = existing ?? freshTeam(patientId);
  const known = new Set((team.participant ?? []).map(memberKey));
  const added: r4.CareTeamParticipant[] = [];
  let hasPrimaryCare = (team.participant ?? []).some((one) => isPrimaryCare(one) && isCurrent(one));
  for (const { participant, role, primaryCare } of candidates) {
    const key = memberKey(participant);
    if (key === undefined || known.has(key) || removed.has(key)) continue;
    known.add(key);
    const first = primaryCare === true && !hasPrimaryCare;
    if (first) hasPrimaryCare = true;
    const stated = first ? [primaryCareRole] : [{ text: role }];
    added.push(participant.role?.length ? participant : { ...participant, role: stated });
  }
  const participant = [...(team.participant ?? []), ...added];
  return participant.length === 0 ? undefined : { ...team, participant };
}

export function teamId(patientId: string): string {
  return stableId('care-team', patientId);
}

export function freshTeam(patientId: string): r4.CareTeam {
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

import { isLead } from '../../fhir/plan-view/team.ts';
import type { r4 } from '../../fhir/types.ts';
import { isCurrent, isPrimaryCare, joinedBy, joinedByUrl, memberKey } from './participants.ts';
import { freshTeam } from './team-content.ts';

/** Somebody begins to work for a child, or has nothing more to do for it. */
export type Move =
  | { kind: 'join'; member: string; role: r4.CodeableConcept; reason: string }
  /** `endsLead`: of an enrollment, whose end is decided by a person and takes its manager away, the lead too. */
  | { kind: 'leave'; member: string; endsLead?: boolean };

interface TeamState {
  patientId: string;
  team: r4.CareTeam | undefined;
  /** Whom people took out. */
  removed: ReadonlySet<string>;
  now: Date;
}

/**
 * The team after the moves; undefined when they change nothing. Pure. Who is on it already does not join twice; whom people took out does not join;
 * who came by hand, leads, or is the primary care clinician, does not leave by a Task (decision D8).
 */
export function changedTeam(
  { patientId, team, removed, now }: TeamState,
  moves: readonly Move[],
): r4.CareTeam | undefined {
  // A team that somebody ended on purpose is left as it is.
  if (team !== undefined && team.status !== undefined && team.status !== 'active') return undefined;
  const at = now.toISOString();
  let participants = team?.participant ?? [];
  const before = participants;
  for (const move of moves) {
    const isTheirs = (one: r4.CareTeamParticipant) => memberKey(one) === move.member && isCurrent(one);
    if (move.kind === 'join') {
      if (!participants.some(isTheirs) && !removed.has(move.member))
        participants = [...participants, joining(move, at)];
    } else if (participants.some((one) => isTheirs(one) && mayLeave(one, move.endsLead === true))) {
      participants = participants.map((one) =>
        isTheirs(one) && mayLeave(one, move.endsLead === true) ? { ...one, period: { ...one.period, end: at } } : one,
      );
    }
  }
  return participants === before ? undefined : { ...(team ?? freshTeam(patientId)), participant: participants };
}

function mayLeave(one: r4.CareTeamParticipant, endsLead: boolean): boolean {
  return joinedBy(one) !== undefined && !isPrimaryCare(one) && (endsLead || !isLead(one));
}

function joining({ member, role, reason }: Extract<Move, { kind: 'join' }>, at: string): r4.CareTeamParticipant {
  return {
    extension: [{ url: joinedByUrl, valueReference: { reference: reason } }],
    role: [role],
    member: { reference: member },
    period: { start: at },
  };
}

import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { compareText } from '../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { readRemovedMembers } from '../team/keep-members.ts';
import { type Candidate, teamContent, teamId } from '../team/team-content.ts';
import type { Known } from './known.ts';
import { writeWithOrigin } from './provenance.ts';
import { referenceKey, referenceTo } from './references.ts';
import { clinicians } from './sources-of.ts';

/** Writes the child's own care team when someone new is known, and answers the known with it. */
export async function keepTeam(tx: Tx, known: Known, clock: Clock): Promise<Result<Known>> {
  const id = teamId(known.patientId);
  const existing = known.ownTeams.find((team) => team.id === id);
  const removed = await readRemovedMembers(tx.own, known.patientId);
  const team = teamContent(known.patientId, candidatesOf(known), existing, removed);
  // A team that someone deleted or ended on purpose is not brought back.
  if (team === undefined || (existing === undefined && (await tx.read('CareTeam', id)) !== undefined)) return ok(known);
  if (existing !== undefined && existing.status !== 'active') return ok(known);
  const sources = [...known.hospitalTeams, ...known.family].map(referenceTo);
  const written = await writeWithOrigin(tx, { ...team }, { sources }, clock);
  if (!written.ok) return written;
  return ok({ ...known, ownTeams: [...known.ownTeams.filter((one) => one.id !== id), { ...team }] });
}

/** The family, the members of hospital teams, primary care, and the clinicians who made the hospitals' active plans. */
function candidatesOf(known: Known): Candidate[] {
  const isActive = ({ status }: r4.CarePlan) => status === 'active';
  const teams = known.hospitalTeams.filter(({ status }) => status === undefined || status === 'active');
  const authors = known.hospitalPlans.filter(isActive).map(({ author }) => author);
  const makers = [...authors, ...clinicians(known, isActive)].filter((who) => who !== undefined).filter(isPerson);
  return [
    ...known.family.map((person) => family(person)),
    ...teams.flatMap(({ participant }) => participant ?? []).flatMap(listed),
    ...sorted(known.patient.generalPractitioner ?? []).map((who) => ({
      ...named(who, 'Primary care'),
      primaryCare: true as const,
    })),
    ...sorted(makers).map((who) => named(who, 'Made a hospital plan')),
  ];
}

function family(person: Known['family'][number]): Candidate {
  const participant: r4.CareTeamParticipant = { member: referenceTo(person) };
  if (person.relationship?.[0] !== undefined) participant.role = [person.relationship[0]];
  return { participant, role: 'Family' };
}

/** The element id is the hospital's own, and one who has left its team is not brought into ours. */
function listed({ id: _, ...participant }: r4.CareTeamParticipant): Candidate[] {
  return participant.period?.end === undefined ? [{ participant, role: 'Hospital care team' }] : [];
}

function named(member: r4.Reference, role: string): Candidate {
  return { participant: { member: member.reference === undefined ? member : { reference: member.reference } }, role };
}

function isPerson({ reference }: r4.Reference): boolean {
  return /^(Practitioner|PractitionerRole)\//.test(reference ?? '');
}

function sorted(references: readonly r4.Reference[]): r4.Reference[] {
  return [...references].sort((a, b) => compareText(referenceKey(a), referenceKey(b)));
}

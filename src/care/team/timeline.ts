import { visibleInDocuments } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isLead } from '../../fhir/plan-view/team.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { currentOf } from '../stored.ts';
import { isPrimaryCare, joinedBy } from './participants.ts';

/**
 * `GET CareTeam/[id]/$timeline`: who joined and left the team, when and by what, oldest first; those without a date, who were always there, before
 * all others. Made of the participants' periods, which are kept when a membership ends.
 */
export const timelineOperation: Operation = {
  name: 'timeline',
  definition: `${canonicalBase}/OperationDefinition/timeline`,
  level: 'instance',
  resourceType: 'CareTeam',
  affectsState: false,
  parameters: [],
  requires: [['CareTeam', 'r']],
  handle,
};

async function handle({ id = '', store, principal }: OperationRequest): Promise<Result<Resource>> {
  const team = currentOf(await store.readSeen('CareTeam', id, visibleInDocuments(principal)));
  if (!isOfType(team, 'CareTeam')) return fail('not-found', 'There is no such care team here.');
  const parameter = timelineOf(team).map(eventPart);
  return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

interface TeamEvent {
  kind: 'joined' | 'left';
  /** As stated in the period; undefined: always. */
  at?: string;
  participant: r4.CareTeamParticipant;
}

function timelineOf({ participant = [] }: r4.CareTeam): TeamEvent[] {
  const events = participant.flatMap((one): TeamEvent[] => {
    const { start, end } = one.period ?? {};
    const joined: TeamEvent = { kind: 'joined', participant: one, ...(start !== undefined && { at: start }) };
    return end === undefined ? [joined] : [joined, { kind: 'left', at: end, participant: one }];
  });
  // Stable: of one moment, in the order of the team.
  return events.sort((a, b) => (instantOf(a.at) < instantOf(b.at) ? -1 : instantOf(a.at) > instantOf(b.at) ? 1 : 0));
}

function instantOf(at: string | undefined): number {
  return at === undefined ? Number.NEGATIVE_INFINITY : Date.parse(at);
}

function eventPart({ kind, at, participant }: TeamEvent): r4.ParametersParameter {
  const { member, role = [] } = participant;
  const reason = joinedBy(participant);
  return {
    name: 'event',
    part: [
      { name: 'kind', valueCode: kind },
      ...(at === undefined ? [] : [{ name: 'at', valueDateTime: at }]),
      ...(member === undefined ? [] : [{ name: 'member', valueReference: member }]),
      ...role.map((one) => ({ name: 'role', valueCodeableConcept: one })),
      ...(isLead(participant) ? [{ name: 'lead', valueBoolean: true }] : []),
      ...(isPrimaryCare(participant) ? [{ name: 'primaryCare', valueBoolean: true }] : []),
      ...(reason === undefined ? [] : [{ name: 'because', valueReference: { reference: reason } }]),
    ],
  };
}

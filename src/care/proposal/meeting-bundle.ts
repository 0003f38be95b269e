import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { AskedDecision, AskedMeeting } from './asked-meeting.ts';
import { bundleOf, urnOf } from './bundle.ts';
import { withLine } from './plan-lines.ts';
import { careConcept } from './proposal-task.ts';

type Plan = Resource & r4.CarePlan;

interface MeetingParts {
  plan: Plan;
  child: string;
  meeting: AskedMeeting;
  /** The meeting as it stands here already. */
  encounter?: Resource & r4.Encounter;
  appointment?: Resource & r4.Appointment;
  /** Who closes it; a machine is nobody. */
  sender?: string;
}

const meetingConcept = () => careConcept('plan-meeting', 'Joint meeting about the plan');

/** All that closing a meeting writes, as one transaction: the meeting, its minutes, a Task for each decision, and the plan that lists them. Pure. */
export function meetingBundle(parts: MeetingParts): Resource {
  const { plan, meeting, appointment } = parts;
  const isNew = parts.encounter === undefined;
  const encounter = encounterOf(parts);
  const reference = parts.encounter ? `Encounter/${parts.encounter.id}` : urnOf(0);
  const before = isNew ? 1 : 0;
  const tasks = meeting.decisions.map((decision) => taskOf(decision, reference, parts));
  const withTasks = tasks.reduce<Plan>((one, _task, at) => withLine(one, 'Task', urnOf(before + at)), plan);
  return bundleOf({
    created: [...(isNew ? [encounter] : []), ...tasks, minutesOf(reference, parts)],
    updated: [
      ...(isNew ? [] : [encounter]),
      ...(appointment ? [{ ...appointment, status: 'fulfilled' }] : []),
      withTasks,
    ],
  });
}

function encounterOf({ encounter, meeting, child, appointment }: MeetingParts): Resource {
  const present = meeting.attendees.filter((one) => !one.startsWith('Patient/'));
  const known = (encounter?.participant ?? []).map(({ individual }) => individual?.reference);
  const added = present.filter((one) => !known.includes(one)).map((one) => ({ individual: { reference: one } }));
  const begun: r4.Encounter = encounter ?? {
    resourceType: 'Encounter',
    status: 'planned',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'ambulatory' },
    type: [meetingConcept()],
    subject: { reference: `Patient/${child}` },
    ...(appointment && { appointment: [{ reference: `Appointment/${appointment.id}` }] }),
  };
  const participant = [...(encounter?.participant ?? []), ...added];
  return {
    ...begun,
    status: 'finished',
    ...(participant.length > 0 && { participant }),
    period: { start: encounter?.period?.start ?? meeting.start, end: meeting.end },
  };
}

function taskOf({ text, owner, due, about }: AskedDecision, encounter: string, parts: MeetingParts): Resource {
  const { plan, child, meeting, sender } = parts;
  const task: r4.Task = {
    resourceType: 'Task',
    meta: { profile: [`${canonicalBase}/StructureDefinition/meeting-decision`] },
    basedOn: [{ reference: `CarePlan/${plan.id}` }],
    status: 'requested',
    intent: 'plan',
    code: careConcept('meeting-decision', 'Decision of a meeting'),
    description: text,
    ...(about !== undefined && { focus: { reference: about } }),
    for: { reference: `Patient/${child}` },
    encounter: { reference: encounter },
    authoredOn: meeting.end,
    ...(sender !== undefined && { requester: { reference: sender } }),
    owner: { reference: owner },
    restriction: { period: { end: due } },
  };
  return { ...task };
}

/** What was talked about, and what was decided, for everybody who was there. */
function minutesOf(encounter: string, { plan, child, meeting, sender }: MeetingParts): Resource {
  const minutes: r4.Communication = {
    resourceType: 'Communication',
    status: 'completed',
    category: [meetingConcept()],
    subject: { reference: `Patient/${child}` },
    about: [{ reference: `CarePlan/${plan.id}` }],
    encounter: { reference: encounter },
    sent: meeting.end,
    recipient: meeting.attendees.map((reference) => ({ reference })),
    ...(sender !== undefined && { sender: { reference: sender } }),
    payload: [
      ...meeting.agenda.map((text) => ({ contentString: text })),
      ...meeting.decisions.map(({ text, due }) => ({ contentString: `${text} (${due})` })),
    ],
  };
  return { ...minutes };
}

import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isOfType, ofType } from '../../fhir/of-type.ts';
import { canonicalBase, isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { childOf } from '../child.ts';
import { currentOf } from '../stored.ts';
import { type AskedMeeting, readMeeting } from './asked-meeting.ts';
import { speakerOf } from './caller.ts';
import { isMeeting } from './check-meeting.ts';
import { meetingBundle } from './meeting-bundle.ts';

const tries = 4;

/**
 * `POST CarePlan/[id]/$close-meeting`: a joint meeting about the plan is over. Who was there, what was talked about and what was decided become the Encounter,
 * its minutes and a Task for each decision, in one transaction; a decision without an owner or a day is refused by its number, and nothing is written.
 */
export function closeMeetingOperation(clock: Clock): Operation {
  return {
    name: 'close-meeting',
    definition: `${canonicalBase}/OperationDefinition/close-meeting`,
    level: 'instance',
    resourceType: 'CarePlan',
    affectsState: true,
    parameters: ['appointment', 'encounter', 'start', 'end', 'attendee', 'agenda', 'decision'],
    requires: [
      ['CarePlan', 'ru'],
      ['Encounter', 'cu'],
      ['Task', 'c'],
      ['Communication', 'c'],
    ],
    async handle(request) {
      const plan = await planOf(request);
      if (!plan) return fail('not-found', 'There is no such shared plan here.');
      const meeting = readMeeting(request.parameters, clock.now());
      if (!meeting.ok) return meeting;
      for (let attempt = 1; ; attempt += 1) {
        const done = await close(request, meeting.value);
        if (done.ok || done.error.kind !== 'precondition' || attempt === tries) return done;
      }
    },
  };
}

async function planOf({ store, principal, id = '' }: OperationRequest) {
  const plan = currentOf(await store.readSeen('CarePlan', id, visibilityOf(principal, 'r')));
  return isOfType(plan, 'CarePlan') && isSharedPlan(plan) ? plan : undefined;
}

async function close(request: OperationRequest, meeting: AskedMeeting): Promise<Result<Resource>> {
  const { principal, transact } = request;
  const plan = await planOf(request);
  const child = childOf(plan);
  if (!plan || child === undefined) return fail('not-found', 'There is no such shared plan here.');
  if (plan.status !== 'active')
    return fail('unprocessable', 'plan-meeting-over: The shared plan is not active.', { code: 'business-rule' });
  const encounter = await encounterOf(request, meeting, child);
  if (!encounter.ok) return encounter;
  const appointment = await appointmentOf(request, meeting, child);
  if (!appointment.ok) return appointment;
  if (!meeting.attendees.every((one) => !one.startsWith('Patient/') || one === `Patient/${child}`))
    return fail('unprocessable', 'attendee: of Patients only the child of the plan takes part.', { code: 'value' });
  if (!transact) return fail('not-allowed', 'Nothing can be written here.');
  const sender = await speakerOf(principal, child, request.store);
  const written = await transact(
    meetingBundle({
      ...{ plan, child, meeting },
      ...(encounter.value && { encounter: encounter.value }),
      ...(appointment.value && { appointment: appointment.value }),
      ...(sender !== undefined && { sender }),
    }),
  );
  return written.ok ? told(request, written.value, meeting) : written;
}

type Found<T> = Promise<Result<(Resource & T) | undefined>>;

async function encounterOf(
  { store, principal }: OperationRequest,
  { encounterId }: AskedMeeting,
  child: string,
): Found<r4.Encounter> {
  if (encounterId === undefined) return ok(undefined);
  const found = currentOf(await store.readSeen('Encounter', encounterId, visibilityOf(principal, 'r')));
  if (!isOfType(found, 'Encounter') || childOf(found) !== child || !isMeeting(found))
    return fail('unprocessable', 'encounter is no meeting about the plan of this child.', { code: 'not-found' });
  if (found.status === 'finished')
    return fail('conflict', 'plan-meeting-over: This meeting is over already.', { code: 'conflict' });
  return ok(found);
}

async function appointmentOf(
  { store, principal }: OperationRequest,
  { appointmentId }: AskedMeeting,
  child: string,
): Found<r4.Appointment> {
  if (appointmentId === undefined) return ok(undefined);
  const found = currentOf(await store.readSeen('Appointment', appointmentId, visibilityOf(principal, 'r')));
  const isOfChild =
    isOfType(found, 'Appointment') && found.participant.some(({ actor }) => actor?.reference === `Patient/${child}`);
  if (!isOfChild) return fail('unprocessable', 'appointment is none of this child.', { code: 'not-found' });
  return ok(found);
}

/** What was written, as the caller sees it: the meeting and the Tasks, in the order of the decisions. */
async function told({ store, principal }: OperationRequest, response: Resource, meeting: AskedMeeting) {
  const entries = isOfType(response, 'Bundle') ? (response.entry ?? []) : [];
  const written: Resource[] = [];
  for (const { response: one } of entries) {
    const [, type = '', id = ''] =
      /\/(Encounter|Task)\/([A-Za-z0-9.-]{1,64})\/_history/.exec(one?.location ?? '') ?? [];
    const found = type === '' ? undefined : currentOf(await store.readSeen(type, id, visibilityOf(principal, 'r')));
    if (found) written.push(found);
  }
  const tasks = ofType(written, 'Task').slice(0, meeting.decisions.length);
  const parameter = [
    ...ofType(written, 'Encounter').map((resource) => ({ name: 'meeting', resource: resource as r4.FhirResource })),
    ...tasks.map((resource) => ({ name: 'decision', resource: resource as r4.FhirResource })),
  ];
  return ok<Resource>({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

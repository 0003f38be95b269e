import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { dateRange } from '../../fhir/date-range.ts';
import { isOfType, ofType } from '../../fhir/of-type.ts';
import { closedTaskStates } from '../../fhir/plan-view/actions.ts';
import { compareText } from '../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Stored } from '../../store/types.ts';
import { foundBy, orderedBy, where } from '../found.ts';
import { isStaff } from '../is-staff.ts';
import { localId } from '../local-id.ts';
import { resourceOf } from '../stored.ts';
import { dayAsked, referenceAsked, seenTarget } from './ask.ts';
import { programZone } from './digest/keep-digest.ts';
import { localDay } from './digest/month.ts';
import { managerOn, statusOn } from './enrollment.ts';
import { type SeenEnrollment, seenEnrollments } from './seen-enrollments.ts';

const dayMs = 24 * 3_600_000;
/** Appointments that somebody comes to. */
const coming = ['booked', 'pending', 'arrived', 'checked-in', 'fulfilled'];
const actors = ['Practitioner', 'PractitionerRole', 'Location'];

/**
 * `GET HealthcareService/[id]/$huddle?date=&actor=`: the enrolled children on the schedule of a day (of one clinician or place, if asked), soonest first, each with
 * the open Tasks and the day of the last emergency visit (S4.16). Days are those of the program's time zone; only what the caller may see; for staff and systems.
 */
export function huddleOperation(clock: Clock, zone: string): Operation {
  return {
    name: 'huddle',
    definition: `${canonicalBase}/OperationDefinition/huddle`,
    level: 'instance',
    resourceType: 'HealthcareService',
    affectsState: false,
    parameters: ['date', 'actor'],
    requires: [
      ['HealthcareService', 'r'],
      ['EpisodeOfCare', 'rs'],
      ['Appointment', 'rs'],
      ['Task', 'rs'],
      ['Encounter', 'rs'],
    ],
    handle: (request) => handle(request, clock, zone),
  };
}

interface Visit {
  child: string;
  appointment: Resource & r4.Appointment;
}

async function handle(request: OperationRequest, clock: Clock, zone: string): Promise<Result<Resource>> {
  const program = await seenTarget(request, 'program');
  if (!program.ok) return program;
  if (!isStaff(request.principal)) return fail('not-found', 'There is no such program here.');
  const own = await programZone(request.store, request.id, zone);
  const day = dayAsked(request.parameters, 'date', localDay(clock.now(), own));
  const actor = referenceAsked(request.parameters, 'actor', actors);
  if (!day.ok) return day;
  if (!actor.ok) return actor;
  const enrolled = await seenEnrollments(request, { programIds: [request.id ?? ''] });
  if (!enrolled.ok) return enrolled;
  const running = new Map(enrolled.value.filter((one) => isServed(one, day.value)).map((one) => [one.patientId, one]));
  const schedule = await visitsOn(request, day.value, { zone: own, actor: actor.value });
  if (!schedule.ok) return schedule;
  const visits = schedule.value.filter(({ child }) => running.has(child));
  const around = await recordsAround(request, [...new Set(visits.map(({ child }) => child))], day.value, own);
  const parameter: r4.ParametersParameter[] = [
    { name: 'date', valueDate: day.value },
    { name: 'children', valueInteger: new Set(visits.map(({ child }) => child)).size },
  ];
  for (const visit of visits) {
    const enrollment = running.get(visit.child);
    const known = around.get(visit.child);
    if (enrollment) parameter.push({ name: 'child', part: partsOf(visit, enrollment, known, day.value) });
  }
  return ok({ resourceType: 'Parameters', parameter });
}

function isServed(one: SeenEnrollment, day: string): boolean {
  const status = statusOn(one, day);
  return status === 'active' || status === 'onhold';
}

/** The schedule of a day, in pages; a wider stretch is asked for, because a day of the zone begins and ends elsewhere than in UTC. */
async function visitsOn(
  { store, principal }: OperationRequest,
  day: string,
  { zone, actor }: { zone: string; actor: string | undefined },
): Promise<Result<Visit[]>> {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const [from, to] = [midnight - dayMs, midnight + 2 * dayMs].map((at) => new Date(at).toISOString());
  const [type = '', id = ''] = actor?.split('/') ?? [];
  const filters = [
    where('Appointment', 'date', 'date', { kind: 'date', prefix: 'ge', start: from ?? '', end: from ?? '' }),
    where('Appointment', 'date', 'date', { kind: 'date', prefix: 'lt', start: to ?? '', end: to ?? '' }),
    where('Appointment', 'status', 'token', ...coming.map((code) => ({ kind: 'token' as const, code }))),
    ...(actor === undefined ? [] : [where('Appointment', 'actor', 'reference', { kind: 'reference', type, id })]),
  ];
  const found: Visit[] = [];
  let cursor: string | undefined;
  for (let looked = 0; looked < limits.care.huddleVisits; looked += limits.search.maxCount) {
    const asked = { type: 'Appointment', filters, sort: [orderedBy('Appointment', 'date', 'date')] };
    const page = await foundBy(
      store,
      { ...asked, count: limits.search.maxCount, ...(cursor !== undefined && { cursor }) },
      visibilityOf(principal, 's'),
    );
    if (!page.ok) return page;
    for (const appointment of ofType(page.value.resources, 'Appointment')) {
      if (appointment.start === undefined || localDay(new Date(appointment.start), zone) !== day) continue;
      const children = appointment.participant.map((one) => localId(one.actor, 'Patient'));
      for (const child of new Set(children)) if (child !== undefined) found.push({ child, appointment });
    }
    cursor = page.value.next;
    if (cursor === undefined) return ok(found.sort((a, b) => startOf(a) - startOf(b)));
  }
  return fail('too-large', 'There are too many appointments around this day: ask for one actor.');
}

function startOf({ appointment }: Visit): number {
  return Date.parse(appointment.start ?? '');
}

interface Around {
  tasks: (Resource & r4.Task)[];
  lastEmergency?: string;
}

/** Open Tasks and the last emergency visit of each child, as far as the caller may see them. */
async function recordsAround(
  { store, principal }: OperationRequest,
  children: readonly string[],
  day: string,
  zone: string,
): Promise<Map<string, Around>> {
  const inner = store.unwatched ?? store;
  const visibility = visibilityOf(principal, 'r');
  const around = new Map<string, Around>();
  const told: Stored[] = [];
  for (const { patientId, stored } of await inner.recordsOf(children, ['Task', 'Encounter'])) {
    const resource = resourceOf(stored);
    const known = around.get(patientId) ?? { tasks: [] };
    around.set(patientId, known);
    const emergency = emergencyOn(resource, zone);
    const isNewer = emergency !== undefined && emergency <= day && emergency > (known.lastEmergency ?? '');
    const isOpen = isOfType(resource, 'Task') && !closedTaskStates.has(resource.status) && resource.status !== 'draft';
    if (!(isNewer || isOpen) || !(await inner.sees(visibility, stored))) continue;
    told.push(stored);
    if (isNewer) known.lastEmergency = emergency;
    else if (isOfType(resource, 'Task')) known.tasks.push(resource);
  }
  if (store.unwatched) await store.readMany(told.map(({ type, id }) => ({ type, id })));
  return around;
}

/** The day of an emergency visit; undefined for anything else. */
function emergencyOn(resource: Resource, zone: string): string | undefined {
  if (!isOfType(resource, 'Encounter') || resource.class?.code !== 'EMER') return undefined;
  if (['planned', 'cancelled', 'entered-in-error'].includes(resource.status)) return undefined;
  const start = resource.period?.start;
  if (start === undefined || !start.includes('T')) return start;
  const at = dateRange(start)?.start;
  return at === undefined ? undefined : localDay(new Date(at), zone);
}

function partsOf(
  { child, appointment }: Visit,
  enrollment: SeenEnrollment,
  { tasks = [], lastEmergency }: Partial<Around> = {},
  day: string,
): r4.ParametersParameter[] {
  const manager = managerOn(enrollment, day);
  const due = (one: r4.Task) => one.restriction?.period?.end ?? '9999';
  return [
    { name: 'patient', valueReference: { reference: `Patient/${child}` } },
    { name: 'appointment', valueReference: { reference: `Appointment/${appointment.id}` } },
    { name: 'start', valueInstant: appointment.start },
    { name: 'enrollment', valueReference: { reference: `EpisodeOfCare/${enrollment.id}` } },
    ...(manager === undefined ? [] : [{ name: 'manager', valueReference: { reference: manager } }]),
    ...(lastEmergency === undefined ? [] : [{ name: 'lastEmergencyVisit', valueDate: lastEmergency }]),
    ...[...tasks]
      .sort((a, b) => compareText(due(a), due(b)) || compareText(a.id ?? '', b.id ?? ''))
      .map((task) => ({ name: 'task', part: taskParts(task) })),
  ];
}

function taskParts({ id, status, code, description, restriction }: Resource & r4.Task): r4.ParametersParameter[] {
  const text = code?.text ?? description;
  const due = restriction?.period?.end;
  return [
    { name: 'task', valueReference: { reference: `Task/${id}` } },
    { name: 'status', valueCode: status },
    ...(text === undefined ? [] : [{ name: 'text', valueString: text }]),
    ...(due === undefined ? [] : [{ name: 'due', valueDateTime: due }]),
  ];
}

import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { ofType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { foundBy, orderedBy, where } from '../found.ts';
import { localId } from '../local-id.ts';
import { childSeen } from '../screening/ask-child.ts';
import { needRecords, needRules, needTypes, type Rules } from './read-needs.ts';
import { registerOf } from './register.ts';
import { screensOf } from './schedule.ts';
import { formsIn, isOpenTask, isScreeningTask } from './screening-task.ts';

const type = 'Appointment';
const dayMs = 24 * 3_600_000;

interface Asked {
  start: Date;
  end: Date;
  count: number;
  actor?: { type: string; id: string };
  after?: string;
}

/**
 * `GET Appointment/$pre-visit`: the coming visits, soonest first, each with the screenings that are due by its day and the needs that are open
 * (S2.25). A child without either is in it too: nothing is due is an answer. Answers with Parameters (OperationDefinition/pre-visit).
 */
export function preVisitOperation(clock: Clock): Operation {
  return {
    name: 'pre-visit',
    definition: `${canonicalBase}/OperationDefinition/pre-visit`,
    level: 'type',
    resourceType: type,
    affectsState: false,
    parameters: ['start', 'days', 'actor', '_count', 'after'],
    requires: [[type, 's'], ...['Patient', ...needTypes].map((each) => [each, 'r'] as const)],
    handle: (request) => handle(request, clock),
  };
}

async function handle(request: OperationRequest, clock: Clock): Promise<Result<Resource>> {
  const asked = readAsked(request, clock);
  if (!asked.ok) return asked;
  const rules = await needRules(request);
  if (!rules.ok) return rules;
  const found = await visits(request, asked.value);
  if (!found.ok) return found;
  const parameter: r4.ParametersParameter[] = [];
  for (const appointment of ofType(found.value.resources, type)) {
    const visit = await visitPart(request, appointment, rules.value);
    if (!visit.ok) return visit;
    if (visit.value) parameter.push(visit.value);
  }
  const { next } = found.value;
  if (next !== undefined) parameter.push({ name: 'next', valueString: next });
  return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

function readAsked({ parameters }: OperationRequest, clock: Clock): Result<Asked> {
  const day = parameters.text('start') ?? clock.now().toISOString().slice(0, 10);
  const start = new Date(`${day}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(start.getTime()))
    return fail('invalid', 'start has to be a day, as YYYY-MM-DD.', { code: 'value' });
  const days = whole(parameters.text('days'), 7);
  if (days === undefined || days > 31)
    return fail('invalid', 'days has to be a whole number from 1 to 31.', { code: 'value' });
  const count = whole(parameters.text('_count'), 50);
  if (count === undefined) return fail('invalid', '_count has to be a whole number from 1.', { code: 'value' });
  const asked: Asked = {
    start,
    end: new Date(start.getTime() + days * dayMs),
    count: Math.min(count, limits.care.visitsAtOnce),
  };
  const after = parameters.text('after');
  if (after !== undefined) asked.after = after;
  const actor = parameters.text('actor');
  if (actor === undefined) return ok(asked);
  const [, of, id] =
    /^(Practitioner|PractitionerRole|Location|HealthcareService)\/([A-Za-z0-9.-]{1,64})$/.exec(actor) ?? [];
  if (of === undefined || id === undefined)
    return fail('invalid', 'actor has to be a reference, as Practitioner/id or Location/id.', { code: 'value' });
  return ok({ ...asked, actor: { type: of, id } });
}

function whole(text: string | undefined, absent: number): number | undefined {
  if (text === undefined) return absent;
  return /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;
}

function visits({ store, principal }: OperationRequest, { start, end, actor, count, after }: Asked) {
  const [from, to] = [start.toISOString(), end.toISOString()];
  const filters = [
    where(type, 'date', 'date', { kind: 'date', prefix: 'ge', start: from, end: from }),
    where(type, 'date', 'date', { kind: 'date', prefix: 'lt', start: to, end: to }),
    where(
      type,
      'status',
      'token',
      ...['booked', 'pending', 'arrived'].map((code) => ({ kind: 'token' as const, code })),
    ),
    ...(actor ? [where(type, 'actor', 'reference', { kind: 'reference', ...actor })] : []),
  ];
  const asked = { type, filters, sort: [orderedBy(type, 'date', 'date')], count };
  return foundBy(store, after === undefined ? asked : { ...asked, cursor: after }, visibilityOf(principal, 's'));
}

/** Undefined for a visit of nobody whom the caller sees. */
async function visitPart(
  request: OperationRequest,
  appointment: r4.Appointment,
  { domains, schedule }: Rules,
): Promise<Result<r4.ParametersParameter | undefined>> {
  const { id, start, participant } = appointment;
  const childId = participant.map(({ actor }) => localId(actor, 'Patient')).find((one) => one !== undefined);
  if (childId === undefined || start === undefined) return ok(undefined);
  const child = await childSeen(request, childId);
  if (!child.ok) return ok(undefined);
  const records = await needRecords(request, childId);
  if (!records.ok) return records;
  const day = start.slice(0, 10);
  const needs = registerOf(records.value, day, domains);
  const due = screensOf(schedule, records.value, needs, day).filter((screen) => (screen.due ?? day) <= day);
  const asking = records.value.filter(isScreeningTask).find(isOpenTask);
  return ok({
    name: 'visit',
    part: [
      { name: 'appointment', valueReference: { reference: `${type}/${id}` } },
      { name: 'start', valueInstant: start },
      { name: 'patient', valueReference: { reference: `Patient/${childId}` } },
      ...due.map(({ questionnaire, due: since, isOverdue }) => ({
        name: 'screen',
        part: [
          { name: 'questionnaire', valueCanonical: questionnaire },
          ...(since === undefined ? [] : [{ name: 'due', valueDate: since }]),
          { name: 'overdue', valueBoolean: isOverdue },
          ...(asking && formsIn(asking).includes(questionnaire)
            ? [{ name: 'task', valueReference: { reference: `Task/${asking.id}` } }]
            : []),
        ],
      })),
      ...needs
        .filter(({ state }) => state === 'open')
        .map(({ conditions, stage }) => ({
          name: 'need',
          part: [
            ...conditions.map((one) => ({ name: 'condition', valueReference: { reference: `Condition/${one.id}` } })),
            { name: 'stage', valueCode: stage },
          ],
        })),
    ],
  });
}

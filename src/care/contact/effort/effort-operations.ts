import { visibleInDocuments } from '../../../access/decide.ts';
import type { Clock } from '../../../base/clock.ts';
import { fail, ok, type Result } from '../../../base/errors.ts';
import { isMirror } from '../../../fhir/mirror.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../../module.ts';
import type { Stored } from '../../../store/types.ts';
import { actorOf } from '../../actor-of.ts';
import { isStaff } from '../../is-staff.ts';
import { seenTarget } from '../../program/ask.ts';
import { mayAct } from '../../program/may-act.ts';
import { seenEnrollments } from '../../program/seen-enrollments.ts';
import { resourceOf } from '../../stored.ts';
import { chargesOf } from './derive-charges.ts';
import { type Effort, effortOf } from './effort-of.ts';
import { effortSums } from './effort-sums.ts';

const definition = (name: string) => `${canonicalBase}/OperationDefinition/${name}`;
const types = ['ChargeItem', 'Encounter'];

/**
 * `GET Patient/[id]/$effort?month=` and `GET HealthcareService/[id]/$effort?month=`: minutes that were worked for a child, or in a program, by month: clinical
 * staff and qualified professionals apart, by person and activity. Of a program for whom it lets see its costs. What the caller may not see is not counted.
 */
export function effortOperations(clock: Clock): Operation[] {
  const requires = types.map((type) => [type, 'rs'] as const);
  return [
    {
      name: 'effort',
      definition: definition('effort'),
      level: 'instance',
      resourceType: 'Patient',
      affectsState: false,
      parameters: ['month'],
      requires: [['Patient', 'r'], ...requires],
      handle: ofChild,
    },
    {
      name: 'effort',
      definition: definition('program-effort'),
      level: 'instance',
      resourceType: 'HealthcareService',
      affectsState: false,
      parameters: ['month'],
      requires: [['HealthcareService', 'r'], ['EpisodeOfCare', 'rs'], ...requires],
      handle: (request) => ofProgram(request, clock),
    },
  ];
}

async function ofChild(request: OperationRequest): Promise<Result<Resource>> {
  const child = await seenTarget(request, 'child');
  if (!child.ok) return child;
  if (!isStaff(request.principal)) return fail('not-found', 'There is no such child here.');
  const month = monthAsked(request);
  if (!month.ok) return month;
  return told(await effortsOf(request, [request.id ?? ''], month.value));
}

async function ofProgram(request: OperationRequest, clock: Clock): Promise<Result<Resource>> {
  const program = await seenTarget(request, 'program');
  if (!program.ok) return program;
  const month = monthAsked(request);
  if (!month.ok) return month;
  if (!(await mayAct(request.store, actorOf(request), program.value.resource, 'see-costs', clock.now()))) {
    const text = 'This program says who may see what its work costs (program-policy), and you are not among them.';
    return fail('forbidden', text);
  }
  const enrolled = await seenEnrollments(request, { programIds: [request.id ?? ''] });
  if (!enrolled.ok) return enrolled;
  const own = new Set(enrolled.value.map(({ id }) => `EpisodeOfCare/${id}`));
  const children = [...new Set(enrolled.value.map(({ patientId }) => patientId))];
  const efforts = await effortsOf(request, children, month.value);
  return told(efforts.filter(({ episode = '' }) => own.has(episode)));
}

/** The minutes of these children that the caller may see. Of a contact from before its minutes were kept, as they would be kept now. */
async function effortsOf(
  { store, principal }: OperationRequest,
  patientIds: readonly string[],
  month: string | undefined,
): Promise<Effort[]> {
  const inner = store.unwatched ?? store;
  const visibility = visibleInDocuments(principal);
  const isWanted = ({ at, minutes }: Effort) =>
    minutes !== undefined && (month === undefined || at?.slice(0, 7) === month);
  const records = (await inner.recordsOf(patientIds, types)).map(({ stored }) => ({
    stored,
    resource: resourceOf(stored),
  }));
  const kept = new Set(records.filter(({ stored }) => stored.type === 'ChargeItem').map(({ stored }) => stored.id));
  const efforts: Effort[] = [];
  const seen: Stored[] = [];
  for (const { stored, resource } of records) {
    const found = isOfType(resource, 'Encounter') ? await before(inner, resource, kept) : (effortOf(resource) ?? []);
    const wanted = [found].flat().filter(isWanted);
    if (wanted.length === 0 || !(await inner.sees(visibility, stored))) continue;
    seen.push(stored);
    efforts.push(...wanted);
  }
  if (store.unwatched) await store.readMany(seen.map(({ type, id }) => ({ type, id })));
  return efforts;
}

async function before(
  store: OperationRequest['store'],
  visit: Resource & r4.Encounter,
  kept: ReadonlySet<string>,
): Promise<Effort[]> {
  if (visit.length === undefined || isMirror(visit)) return [];
  const charges = await chargesOf(store, visit);
  return charges.filter(({ id }) => !kept.has(id ?? '')).flatMap((one) => effortOf(one) ?? []);
}

function monthAsked({ parameters }: OperationRequest): Result<string | undefined> {
  const text = parameters.text('month');
  if (text === undefined || /^(19|20|21)\d\d-(0[1-9]|1[0-2])$/.test(text)) return ok(text);
  return fail('invalid', 'month has to be a month, as 2026-02.', { code: 'value' });
}

function told(efforts: readonly Effort[]): Result<Resource> {
  const parameter = effortSums(efforts);
  return ok({ resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) });
}

import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { localId } from '../local-id.ts';
import { codeAsked, dayAsked, seenTarget } from './ask.ts';
import { managerOn, statusOn } from './enrollment.ts';
import { leavesPool } from './moves.ts';
import { type SeenEnrollment, seenEnrollments } from './seen-enrollments.ts';

const states = ['eligible', 'waitlist', 'active', 'onhold', 'ended'] as const;
type State = (typeof states)[number];

/**
 * `GET HealthcareService/[id]/$panel` and `GET PractitionerRole/[id]/$panel`: the children of a program, or of a person in one role, on a day (`date`),
 * each with its state. Eligible are those who could be enrolled, also after they have declined, with the reason.
 */
export function panelOperations(clock: Clock): Operation[] {
  const operation = (resourceType: 'HealthcareService' | 'PractitionerRole'): Operation => ({
    name: 'panel',
    definition: `${canonicalBase}/OperationDefinition/${resourceType === 'PractitionerRole' ? 'role-panel' : 'panel'}`,
    level: 'instance',
    resourceType,
    affectsState: false,
    parameters: ['date', 'state'],
    requires: [
      [resourceType, 'r'],
      ['EpisodeOfCare', 'rs'],
    ],
    handle: (request) => handle(request, clock),
  });
  return [operation('HealthcareService'), operation('PractitionerRole')];
}

async function handle(request: OperationRequest, clock: Clock): Promise<Result<Resource>> {
  const target = await seenTarget(request, 'program or role');
  if (!target.ok) return target;
  const day = dayAsked(request.parameters, 'date', clock.now().toISOString().slice(0, 10));
  const wanted = codeAsked(request.parameters, 'state', states);
  if (!day.ok) return day;
  if (!wanted.ok) return wanted;
  const { resource } = target.value;
  const role = isOfType(resource, 'PractitionerRole') ? `PractitionerRole/${resource.id}` : undefined;
  const found = await seenEnrollments(request, programsOf(resource, role));
  if (!found.ok) return found;
  const members = found.value.flatMap((one): { one: SeenEnrollment; state: State }[] => {
    if (role !== undefined && !isManagedBy(resource, managerOn(one, day.value), one.programId)) return [];
    const state = stateOn(one, found.value, day.value);
    return state !== undefined && (wanted.value === undefined || wanted.value === state) ? [{ one, state }] : [];
  });
  const counts = states.map((state) => ({
    name: 'count',
    part: [
      { name: 'state', valueCode: state },
      {
        name: 'children',
        valueInteger: new Set(members.filter((each) => each.state === state).map(({ one }) => one.patientId)).size,
      },
    ],
  }));
  const listed = members.map(({ one, state }) => ({ name: 'member', part: partsOf(one, state, day.value) }));
  return ok({ resourceType: 'Parameters', parameter: [...counts, ...listed] });
}

function programsOf(resource: Resource, role: string | undefined): { programIds: string[]; manager?: string } {
  if (!isOfType(resource, 'PractitionerRole') || role === undefined) return { programIds: [resource.id ?? ''] };
  const services = (resource.healthcareService ?? []).map((one) => localId(one, 'HealthcareService'));
  return { programIds: services.filter((id) => id !== undefined), manager: role };
}

/** By this role, or by this person in the program that the role serves. */
function isManagedBy(role: Resource, manager: string | undefined, programId: string): boolean {
  if (!isOfType(role, 'PractitionerRole')) return false;
  if (manager === `PractitionerRole/${role.id}`) return true;
  const serves = (role.healthcareService ?? []).some((one) => localId(one, 'HealthcareService') === programId);
  return serves && manager !== undefined && manager === localReference(role.practitioner);
}

/** Undefined: not yet, or no longer, of this program. */
function stateOn(one: SeenEnrollment, all: readonly SeenEnrollment[], day: string): State | undefined {
  if (one.eligibleFrom === undefined || day < one.eligibleFrom) return undefined;
  const status = statusOn(one, day);
  if (status === 'active' || status === 'onhold' || status === 'waitlist') return status;
  if (status === 'planned') return 'eligible';
  if (status !== 'cancelled') return 'ended';
  const isFollowed = all.some(
    (other) =>
      other.patientId === one.patientId &&
      other.programId === one.programId &&
      other.id !== one.id &&
      (other.eligibleFrom ?? '') >= (one.eligibleFrom ?? '') &&
      statusOn(other, day) !== 'cancelled',
  );
  return isFollowed || leavesPool.has(one.reason ?? '') ? undefined : 'eligible';
}

function partsOf(one: SeenEnrollment, state: State, day: string): r4.ParametersParameter[] {
  const manager = managerOn(one, day);
  return [
    { name: 'patient', valueReference: { reference: `Patient/${one.patientId}` } },
    { name: 'enrollment', valueReference: { reference: `EpisodeOfCare/${one.id}` } },
    { name: 'state', valueCode: state },
    ...(one.eligibleFrom === undefined ? [] : [{ name: 'eligibleFrom', valueDate: one.eligibleFrom }]),
    ...(one.enrolledFrom === undefined || one.enrolledFrom > day
      ? []
      : [{ name: 'enrolledFrom', valueDate: one.enrolledFrom }]),
    ...(manager === undefined ? [] : [{ name: 'manager', valueReference: { reference: manager } }]),
    ...(one.tier === undefined ? [] : [{ name: 'tier', valueCode: one.tier }]),
    ...(one.reason === undefined ? [] : [{ name: 'reason', valueCode: one.reason }]),
  ];
}

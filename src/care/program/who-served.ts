import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import { isLead } from '../../fhir/plan-view/team.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { currentOf } from '../stored.ts';
import { teamId } from '../team/team-content.ts';
import { asOf } from './as-of.ts';
import { dayAsked, seenTarget } from './ask.ts';
import { dayOf, managerOn, statusOn } from './enrollment.ts';
import { modelOf } from './program-facts.ts';
import { allOf, byReference } from './query.ts';
import { roleOf } from './role-of.ts';
import { type SeenEnrollment, seenEnrollments } from './seen-enrollments.ts';

/**
 * `GET Patient/[id]/$who-served?date=`: which program, by which model, through whom, employed by whom and working where, served the child on that day,
 * and who led (S4.14). Of what has an own period (status, manager, team) by that; of programs and roles by what was written down then.
 */
export function whoServedOperation(clock: Clock): Operation {
  return {
    name: 'who-served',
    definition: `${canonicalBase}/OperationDefinition/who-served`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: false,
    parameters: ['date'],
    requires: [
      ['Patient', 'r'],
      ['EpisodeOfCare', 'rs'],
    ],
    async handle(request) {
      const child = await seenTarget(request, 'child');
      if (!child.ok) return child;
      const day = dayAsked(request.parameters, 'date', clock.now().toISOString().slice(0, 10));
      if (!day.ok) return day;
      const enrollments = await seenEnrollments(request, { patientId: request.id ?? '' });
      if (!enrollments.ok) return enrollments;
      const parameter: r4.ParametersParameter[] = [{ name: 'date', valueDate: day.value }];
      for (const one of enrollments.value) {
        const part = await serviceOn(one, day.value, request);
        if (part) parameter.push({ name: 'service', part });
      }
      const lead = await leadOn(request, day.value, clock.now());
      if (lead) parameter.push({ name: 'lead', valueReference: lead });
      return ok({ resourceType: 'Parameters', parameter });
    },
  };
}

async function serviceOn(
  enrollment: SeenEnrollment,
  day: string,
  request: OperationRequest,
): Promise<r4.ParametersParameter[] | undefined> {
  const status = statusOn(enrollment, day);
  if (status !== 'active' && status !== 'onhold' && status !== 'finished') return undefined;
  const { id, programId, episode } = enrollment;
  const model = modelOf(await asOf(request, `HealthcareService/${programId}`, day));
  const manager = managerOn(enrollment, day);
  const accountable = localReference(episode.managingOrganization);
  const serving = manager === undefined ? undefined : await roleOf(request.store, manager, programId);
  const role = serving && (await asOf(request, `PractitionerRole/${serving.id}`, day));
  const byRole = isOfType(role, 'PractitionerRole') ? role : undefined;
  const employer = localReference(byRole?.organization);
  const affiliation = accountable && employer ? await affiliationOn(request, accountable, employer, day) : undefined;
  return [
    { name: 'enrollment', valueReference: { reference: `EpisodeOfCare/${id}` } },
    { name: 'status', valueCode: status },
    { name: 'program', valueReference: { reference: `HealthcareService/${programId}` } },
    ...(status === 'finished' && enrollment.endedOn !== undefined
      ? [{ name: 'ended', valueDate: enrollment.endedOn }]
      : []),
    ...(status === 'finished' && enrollment.reason !== undefined
      ? [{ name: 'reason', valueCode: enrollment.reason }]
      : []),
    ...(model ? [{ name: 'model', valueCode: model }] : []),
    ...(accountable ? [{ name: 'accountable', valueReference: { reference: accountable } }] : []),
    ...(manager ? [{ name: 'manager', valueReference: { reference: manager } }] : []),
    ...(employer ? [{ name: 'employer', valueReference: { reference: employer } }] : []),
    ...(byRole?.location ?? []).map((place) => ({ name: 'worksite', valueReference: place })),
    ...(affiliation ? [{ name: 'affiliation', valueReference: { reference: affiliation } }] : []),
  ];
}

/** What binds the employer to the accountable organization on that day: a member, a contract. */
async function affiliationOn(
  { store, principal }: OperationRequest,
  primary: string,
  participating: string,
  day: string,
): Promise<string | undefined> {
  const filters = [
    byReference('primary-organization', primary),
    byReference('participating-organization', participating),
  ];
  const found = await allOf(store, 'OrganizationAffiliation', filters, visibilityOf(principal, 's'));
  if (!found.ok) return undefined;
  const held = found.value.find((one) => isOfType(one, 'OrganizationAffiliation') && covers(one.period, day));
  return held && `OrganizationAffiliation/${held.id}`;
}

function covers(period: r4.Period | undefined, day: string): boolean {
  return (dayOf(period?.start) ?? day) <= day && (dayOf(period?.end) ?? day) >= day;
}

/** Who led at the end of that day, or now when it is not over. */
async function leadOn(
  { store, principal, id = '' }: OperationRequest,
  day: string,
  now: Date,
): Promise<r4.Reference | undefined> {
  const team: Resource | undefined = currentOf(
    await store.readSeen('CareTeam', teamId(id), visibilityOf(principal, 'r')),
  );
  if (!isOfType(team, 'CareTeam')) return undefined;
  const at = Math.min(Date.parse(`${day}T23:59:59.999Z`), now.getTime());
  const held = (team.participant ?? []).findLast(
    (one) =>
      isLead(one) &&
      (one.period?.start === undefined || Date.parse(one.period.start) <= at) &&
      (one.period?.end === undefined || Date.parse(one.period.end) > at),
  );
  return held?.member;
}

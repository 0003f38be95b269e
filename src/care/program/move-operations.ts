import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { currentOf } from '../stored.ts';
import { freshTeam, teamId } from '../team/team-content.ts';
import { codeAsked, dayAsked, referenceAsked, seenTarget } from './ask.ts';
import { enrollmentOf } from './enrollment.ts';
import { ledBy } from './keep-manager.ts';
import { moved, plannedEnrollment, type Wanted } from './moved.ts';
import { reasonsFor } from './moves.ts';
import { tiers } from './vocabulary.ts';

const wantedNames = ['status', 'reason', 'reasonText', 'careManager', 'consent', 'lead', 'tier', 'date'];
const statuses = ['planned', 'waitlist', 'active', 'onhold', 'finished', 'cancelled', 'entered-in-error'] as const;
const managers = ['PractitionerRole', 'Practitioner'];

/**
 * `POST EpisodeOfCare/[id]/$move-enrollment`: takes an enrollment on, with the history that the rules ask for, and names the one who leads across
 * programs (the care team is changed with it). What it writes it writes as the caller, by all rules.
 */
export function moveOperation(clock: Clock): Operation {
  return {
    name: 'move-enrollment',
    definition: `${canonicalBase}/OperationDefinition/move-enrollment`,
    level: 'instance',
    resourceType: 'EpisodeOfCare',
    affectsState: true,
    parameters: wantedNames,
    requires: [['EpisodeOfCare', 'ru']],
    async handle(request) {
      const target = await seenTarget(request, 'enrollment');
      if (!target.ok) return target;
      const { resource, version } = target.value;
      const enrollment = enrollmentOf(resource);
      if (!isOfType(resource, 'EpisodeOfCare') || enrollment?.patientId === undefined) {
        return fail('unprocessable', 'This EpisodeOfCare is no enrollment in care management.', {
          code: 'business-rule',
        });
      }
      const wanted = wantedOf(request, clock);
      if (!wanted.ok) return wanted;
      const reference = `EpisodeOfCare/${resource.id}`;
      const entry = { resource: { ...moved(resource, wanted.value) }, url: reference, version };
      return write(request, { entry, reference, patientId: enrollment.patientId, lead: wanted.value.lead, clock });
    },
  };
}

/**
 * `POST Patient/[id]/$enroll`: a new enrollment of the child in a program, planned unless another status is asked for. `eligibleFrom` is the day since
 * when the child could have been enrolled, today when absent.
 */
export function enrollOperation(clock: Clock): Operation {
  return {
    name: 'enroll',
    definition: `${canonicalBase}/OperationDefinition/enroll`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: true,
    parameters: [...wantedNames, 'program', 'eligibleFrom', 'organization'],
    requires: [
      ['Patient', 'r'],
      ['EpisodeOfCare', 'c'],
    ],
    handle: (request) => enroll(request, clock),
  };
}

async function enroll(request: OperationRequest, clock: Clock): Promise<Result<Resource>> {
  const { parameters, store, principal, id: patientId = '' } = request;
  const child = await seenTarget(request, 'child');
  if (!child.ok) return child;
  const wanted = wantedOf(request, clock);
  if (!wanted.ok) return wanted;
  const program = referenceAsked(parameters, 'program', ['HealthcareService']);
  const organization = referenceAsked(parameters, 'organization', ['Organization']);
  const eligibleFrom = dayAsked(parameters, 'eligibleFrom', wanted.value.on);
  if (!program.ok) return program;
  if (!organization.ok) return organization;
  if (!eligibleFrom.ok) return eligibleFrom;
  const programId = program.value?.split('/')[1];
  if (programId === undefined)
    return fail(
      'invalid',
      'program is missing: name the program that the child is to be enrolled in, as HealthcareService/id.',
      {
        code: 'required',
      },
    );
  const service = currentOf(await store.readSeen('HealthcareService', programId, visibilityOf(principal, 'r')));
  const accountable =
    organization.value ?? (isOfType(service, 'HealthcareService') ? service.providedBy?.reference : undefined);
  if (accountable === undefined)
    return fail('unprocessable', 'There is no such program here.', { code: 'business-rule' });
  const { tier } = wanted.value;
  const planned = plannedEnrollment({
    patientId,
    programId,
    organization: accountable,
    eligibleFrom: eligibleFrom.value,
    ...(tier !== undefined && { tier }),
  });
  const episode = moved(planned, wanted.value);
  const reference = `urn:uuid:${newId()}`;
  const entry = { resource: { ...episode }, url: 'EpisodeOfCare', fullUrl: reference };
  return write(request, { entry, reference, patientId, lead: wanted.value.lead, clock });
}

function wantedOf({ parameters }: OperationRequest, clock: Clock): Result<Wanted> {
  const on = dayAsked(parameters, 'date', clock.now().toISOString().slice(0, 10));
  const status = codeAsked(parameters, 'status', statuses);
  const reason = codeAsked(parameters, 'reason', [...new Set(Object.values(reasonsFor).flat())]);
  const manager = referenceAsked(parameters, 'careManager', managers);
  const consent = referenceAsked(parameters, 'consent', ['Consent']);
  const lead = referenceAsked(parameters, 'lead', managers);
  const tier = codeAsked(parameters, 'tier', tiers);
  if (!on.ok) return on;
  if (!status.ok) return status;
  if (!reason.ok) return reason;
  if (!manager.ok) return manager;
  if (!consent.ok) return consent;
  if (!lead.ok) return lead;
  if (!tier.ok) return tier;
  const reasonText = parameters.text('reasonText');
  return ok({
    on: on.value,
    ...(status.value !== undefined && { status: status.value }),
    ...(reason.value !== undefined && { reason: reason.value }),
    ...(reasonText !== undefined && { reasonText }),
    ...(manager.value !== undefined && { manager: manager.value }),
    ...(consent.value !== undefined && { consent: consent.value }),
    ...(lead.value !== undefined && { lead: lead.value }),
    ...(tier.value !== undefined && { tier: tier.value }),
  });
}

interface ToWrite {
  entry: { resource: object; url: string; version?: number; fullUrl?: string };
  /** By which the care team names the enrollment. */
  reference: string;
  patientId: string;
  lead: string | undefined;
  clock: Clock;
}

async function write(
  request: OperationRequest,
  { entry, reference, patientId, lead, clock }: ToWrite,
): Promise<Result<Resource>> {
  const { store, principal, transact } = request;
  if (!transact) return fail('not-allowed', 'Nothing can be written here.');
  const entries: object[] = [entryOf(entry)];
  if (lead !== undefined) {
    const stored = await store.readSeen('CareTeam', teamId(patientId), visibilityOf(principal, 'r'));
    const current = currentOf(stored);
    const team = isOfType(current, 'CareTeam') ? current : freshTeam(patientId);
    const next: r4.CareTeam = ledBy(team, lead, reference, clock.now().toISOString());
    const version = current && stored ? { version: stored.version } : {};
    if (next !== team)
      entries.push(entryOf({ resource: { ...next }, url: `CareTeam/${teamId(patientId)}`, ...version }));
  }
  const answer = await transact({ resourceType: 'Bundle', type: 'transaction', entry: entries });
  if (!answer.ok) return answer;
  const location = isOfType(answer.value, 'Bundle') ? answer.value.entry?.[0]?.response?.location : undefined;
  const id = /EpisodeOfCare\/([A-Za-z0-9.-]{1,64})/.exec(location ?? reference)?.[1] ?? '';
  const written = currentOf(await store.readSeen('EpisodeOfCare', id, visibilityOf(principal, 'r')));
  return written ? ok(written) : fail('forbidden', 'The enrollment is kept back from this caller.');
}

function entryOf({ resource, url, version, fullUrl }: ToWrite['entry']): object {
  const ifMatch = version === undefined ? {} : { ifMatch: `W/"${version}"` };
  return {
    ...(fullUrl !== undefined && { fullUrl }),
    resource,
    request: { method: url.includes('/') ? 'PUT' : 'POST', url, ...ifMatch },
  };
}

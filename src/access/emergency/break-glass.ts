import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Access } from '../access.ts';
import type { AuditTrail } from '../audit/trail.ts';
import { rolesOf } from '../policy/roles.ts';
import type { Principal } from '../types.ts';

export const emergencySystem = `${canonicalBase}/CodeSystem/emergency-access`;

interface Deps {
  access: Access;
  trail: AuditTrail;
  clock: Clock;
}

/**
 * `POST Patient/[id]/$break-glass` with `reason` (ETREAT or BTG), `explanation` and, for less than the policy's hours, `hours`. Opens the
 * patient's record to this person in this app. Errors: `not-found` for whoever is no staff, and for a patient that is not there; `forbidden`
 * without the role; `invalid` for what is missing.
 */
export function breakGlass(deps: Deps): Operation {
  return {
    name: 'break-glass',
    definition: `${canonicalBase}/OperationDefinition/break-glass`,
    level: 'instance',
    resourceType: 'Patient',
    affectsState: true,
    parameters: ['reason', 'explanation', 'hours'],
    requires: [['Patient', 'r']],
    handle: (request) => handle(request, deps),
  };
}

interface Emergency {
  id: string;
  patientId: string;
  reason: string;
  explanation: string;
  starts: Date;
  ends: Date;
  policy: string;
}

async function handle(request: OperationRequest, deps: Deps): Promise<Result<Resource>> {
  const { principal, store, id = '' } = request;
  const person = staffOf(principal);
  // A family, and a machine, learn no more than of any other address that is none.
  if (person === undefined) return fail('not-found', 'There is no such operation here.', { code: 'not-supported' });
  if (!(await rolesOf(store, person)).has('break-glass'))
    return fail('forbidden', 'Emergency access needs the role break-glass.');
  const emergency = await askedOf(request, deps);
  if (!emergency.ok) return emergency;
  const patient = await store.read('Patient', id);
  if (!patient || patient.deleted) return fail('not-found', 'There is no such Patient.');
  const { policy, ends } = emergency.value;
  const who = { client: principal.clientId, person, policy, purpose: [emergency.value.reason], emergency: true };
  const told = await deps.trail.record({
    act: 'emergency-start',
    outcome: 'success',
    who,
    requestId: request.requestId,
    patients: [id],
  });
  if (!told.ok) return told;
  const opened = await open(request, person, emergency.value);
  deps.access.forget();
  if (!opened.ok) return opened;
  return ok({
    resourceType: 'Parameters',
    parameter: [
      { name: 'ends', valueInstant: ends.toISOString() },
      { name: 'review', valueReference: { reference: `Task/${opened.value}` } },
    ],
  });
}

/** Writes down what was opened, and asks for its review, in one transaction. Answers the id of the Task. */
function open({ principal, store, requestId }: OperationRequest, person: string, emergency: Emergency) {
  const { id, patientId, reason, explanation, policy, starts, ends } = emergency;
  const actor = { kind: 'user', id: person, clientId: principal.clientId, requestId } as const;
  return store.transact(actor, async (tx) => {
    tx.atEnd(
      `INSERT INTO access_emergency (id, fhir_user, client_id, patient_id, reason, explanation, policy, started_at, ends_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        id,
        person,
        principal.clientId,
        patientId,
        reason,
        explanation,
        policy,
        starts.toISOString(),
        ends.toISOString(),
      ],
    );
    const task = await tx.create(reviewTask(person, emergency));
    return task.ok ? ok(task.value.stored.id) : task;
  });
}

/** For the privacy officer. What the person wrote stays in the list of emergencies: a Task is read by more people. */
function reviewTask(person: string, { id, patientId, reason, starts, ends }: Emergency): Resource {
  return {
    resourceType: 'Task',
    identifier: [{ system: `${canonicalBase}/emergency-access`, value: id }],
    status: 'requested',
    intent: 'order',
    priority: 'urgent',
    code: { coding: [{ system: emergencySystem, code: 'review' }], text: 'Review emergency access' },
    reasonCode: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: reason }] },
    for: { reference: `Patient/${patientId}` },
    requester: { reference: person },
    authoredOn: starts.toISOString(),
    executionPeriod: { start: starts.toISOString(), end: ends.toISOString() },
  };
}

async function askedOf({ parameters, id = '' }: OperationRequest, { access, clock }: Deps): Promise<Result<Emergency>> {
  const policy = await access.policy.get();
  if (!policy) return fail('busy', 'There is no privacy policy that could be followed.');
  const { reasons, maxHours } = policy.document.emergencyAccess;
  const reason = parameters.text('reason') ?? '';
  if (!reasons.includes(reason))
    return fail('invalid', `$break-glass takes a reason: ${reasons.join(' or ')}.`, { code: 'required' });
  const explanation = (parameters.text('explanation') ?? '').trim();
  if (explanation === '' || explanation.length > limits.access.explanationLength)
    return fail('invalid', '$break-glass takes an explanation in a few words.', { code: 'required' });
  const hours = parameters.text('hours') === undefined ? maxHours : Number(parameters.text('hours'));
  if (!(hours > 0 && hours <= maxHours))
    return fail('invalid', `hours is a number up to ${maxHours}.`, { code: 'value' });
  const starts = clock.now();
  const ends = new Date(starts.getTime() + hours * 3_600_000);
  return ok({ id: newId(), patientId: id, reason, explanation, starts, ends, policy: policy.version });
}

function staffOf({ kind, fhirUser = '' }: Principal): string | undefined {
  return kind === 'user' && /^Practitioner(Role)?\//.test(fhirUser) ? fhirUser : undefined;
}

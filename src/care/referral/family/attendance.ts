import type { Clock } from '../../../base/clock.ts';
import { fail, ok, type Result } from '../../../base/errors.ts';
import { canonicalBase } from '../../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../../module.ts';
import { actorOf } from '../../actor-of.ts';
import { attendanceSystem } from './ask-about-attendance.ts';
import { type FamilyReferral, familyReferral, referralOfRequest } from './family-referral.ts';

/**
 * `POST Task/[id]/$attendance`: the child or the family says “we were there” or “we could not go”. Kept as their Communication beside the referral,
 * whose state it never changes (what follows from it: ask-about-attendance.ts). Answers with the Communication.
 */
export function attendanceOperation(clock: Clock): Operation {
  return {
    name: 'attendance',
    definition: `${canonicalBase}/OperationDefinition/attendance`,
    level: 'instance',
    resourceType: 'Task',
    affectsState: true,
    parameters: ['attended', 'note'],
    requires: [
      ['Task', 'r'],
      ['Communication', 'c'],
    ],
    handle: async (request) => say(request, await familyReferral(request, 'r'), clock.now()),
  };
}

/** `POST ServiceRequest/[id]/$attendance`: the same by the request, which the family sees also where it was not told the Task. */
export function attendanceOfRequestOperation(clock: Clock): Operation {
  return {
    ...attendanceOperation(clock),
    definition: `${canonicalBase}/OperationDefinition/attendance-of-request`,
    resourceType: 'ServiceRequest',
    requires: [
      ['ServiceRequest', 'r'],
      ['Communication', 'c'],
    ],
    handle: async (request) => say(request, await referralOfRequest(request), clock.now()),
  };
}

async function say(request: OperationRequest, found: Result<FamilyReferral>, now: Date): Promise<Result<Resource>> {
  const { store, parameters } = request;
  if (!found.ok) return found;
  const said = parameters.text('attended');
  if (said !== 'true' && said !== 'false')
    return fail('invalid', 'attended has to be true or false.', { code: said === undefined ? 'required' : 'value' });
  const message = messageOf(found.value, said === 'true', parameters.text('note'), now);
  const written = await store.transact(actorOf(request), (tx) => tx.create(message));
  return written.ok ? ok({ ...message, id: written.value.stored.id }) : written;
}

function messageOf(
  { task, speaker }: FamilyReferral,
  wasThere: boolean,
  note: string | undefined,
  now: Date,
): Resource {
  const words = wasThere ? 'We were at the appointment.' : 'We could not go to the appointment.';
  const communication: r4.Communication = {
    resourceType: 'Communication',
    status: 'completed',
    ...(task.meta?.security && { meta: { security: task.meta.security } }),
    category: [{ coding: [{ system: attendanceSystem, code: wasThere ? 'attended' : 'not-attended' }] }],
    about: [{ reference: `Task/${task.id}` }],
    // A message is found by what it is part of, not by what it is about (FHIR R4, communication.html#search).
    partOf: [{ reference: `Task/${task.id}` }],
    ...(task.for && { subject: task.for }),
    sender: { reference: speaker },
    sent: now.toISOString(),
    payload: [{ contentString: words }, ...(note === undefined ? [] : [{ contentString: note }])],
  };
  return { ...communication };
}

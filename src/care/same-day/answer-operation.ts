import { visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { actorsOf, appointmentFor, heldSlot, messageTo } from './offer.ts';
import { isOpenTask, isSameDayRequest, offered } from './request-task.ts';
import type { SameDayDeps } from './same-day.ts';

const newAppointment = 'urn:uuid:0f5f1c3e-7b41-4a50-9e58-1f7f2b8f6a01';

/**
 * `POST Task/[id]/$answer-same-day`: offers a `slot`, or an `appointment` that was made, or says in `reason` why there is none today. One transaction, as the
 * caller and by every rule; the family gets a message. Answers with the Task.
 */
export function answerOperation({ clock }: SameDayDeps): Operation {
  return {
    name: 'answer-same-day',
    definition: `${canonicalBase}/OperationDefinition/answer-same-day`,
    level: 'instance',
    resourceType: 'Task',
    affectsState: true,
    parameters: ['slot', 'appointment', 'reason'],
    requires: [
      ['Task', 'ru'],
      ['Communication', 'c'],
    ],
    handle: (request) => handle(request, clock.now()),
  };
}

interface Answer {
  created: Resource[];
  updated: Resource[];
  offer?: string;
  reason?: string;
}

async function handle(request: OperationRequest, now: Date): Promise<Result<Resource>> {
  const { store, principal, id = '', transact } = request;
  const task = currentOf(await store.readSeen('Task', id, visibilityOf(principal, 'r')));
  if (!isSameDayRequest(task)) return fail('not-found', 'There is no such request here.');
  if (!transact) return fail('not-allowed', 'Nothing can be written here.');
  if (!isOpenTask(task)) return fail('unprocessable', 'This request is over.', { code: 'business-rule' });
  const answer = await readAnswer(request, task, now);
  if (!answer.ok) return answer;
  const { created, updated, offer, reason } = answer.value;
  const after: Resource = {
    ...task,
    status: offer === undefined ? 'rejected' : 'completed',
    ...(reason !== undefined && { statusReason: { text: reason } }),
    ...(offer !== undefined && {
      output: [...(task.output ?? []), { type: offered, valueReference: { reference: offer } }],
    }),
  };
  const text = reason ?? 'An appointment is offered. Please say whether it suits you.';
  const { requester } = task;
  const message = messageTo(requester?.reference ?? '', localId(task.for, 'Patient') ?? '', `Task/${id}`, text, now);
  const put = (resource: Resource) => ({
    resource,
    request: {
      method: 'PUT',
      url: `${resource.resourceType}/${resource.id}`,
      ifMatch: `W/"${resource.meta?.versionId ?? ''}"`,
    },
  });
  const entry = [
    ...created.map((resource) => ({
      fullUrl: newAppointment,
      resource,
      request: { method: 'POST', url: resource.resourceType },
    })),
    ...[...updated, after].map(put),
    { resource: message, request: { method: 'POST', url: 'Communication' } },
  ];
  const written = await transact({ resourceType: 'Bundle', type: 'transaction', entry });
  if (!written.ok) return written;
  const told = currentOf(await store.readSeen('Task', id, visibilityOf(principal, 'r')));
  return told ? ok(told) : fail('not-found', 'There is no such request here.');
}

async function readAnswer(
  { parameters, store, principal }: OperationRequest,
  task: Resource & r4.Task,
  now: Date,
): Promise<Result<Answer>> {
  const [slotId, appointment] = [parameters.text('slot'), parameters.text('appointment')];
  const reason = parameters.text('reason')?.trim();
  if ([slotId, appointment, reason].filter(Boolean).length !== 1)
    return fail('invalid', 'An answer is one of these: a slot, an appointment, or the reason why there is none.', {
      code: 'required',
    });
  if (reason) {
    return reason.length > limits.care.wordsLength
      ? fail('invalid', `reason has at most ${limits.care.wordsLength} characters.`, { code: 'value' })
      : ok({ created: [], updated: [], reason });
  }
  if (appointment !== undefined) return ok({ created: [], updated: [], offer: appointment });
  const id = /^(?:Slot\/)?([A-Za-z0-9.-]{1,64})$/.exec(slotId ?? '')?.[1] ?? '';
  const slot = currentOf(await store.readSeen('Slot', id, visibilityOf(principal, 'r')));
  if (!isOfType(slot, 'Slot')) return fail('unprocessable', 'slot is not there.', { code: 'not-found' });
  if (slot.status !== 'free')
    return fail('conflict', 'This slot is taken. Offer another one, or say why there is none.');
  const asked = {
    child: localId(task.for, 'Patient') ?? '',
    requester: task.requester?.reference ?? '',
    reason: task.description ?? '',
    now,
  };
  const made = appointmentFor({ slot, actors: await actorsOf(slot, store) }, asked);
  const held = heldSlot(slot);
  return ok({ created: [{ ...made }], updated: held ? [held] : [], offer: newAppointment });
}

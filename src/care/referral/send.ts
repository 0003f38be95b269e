import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { refuse } from '../business-rule.ts';
import { childOf } from '../child.ts';
import { currentOf } from '../stored.ts';
import { statusFor } from './canonical-state.ts';
import { remarksIn } from './capacity/remark.ts';
import { closedRequest } from './states.ts';

const rule = 'referral-send';
const owners = /^(Organization|HealthcareService|Practitioner|PractitionerRole|CareTeam)\/[A-Za-z0-9.-]{1,64}$/;
const priorities = ['routine', 'urgent', 'asap', 'stat'] as const;

/**
 * `POST ServiceRequest/[id]/$send`: asks somebody to carry out a request, by a Task as decision D9 has it. One transaction, as the caller and by
 * every rule. Answers with the Task, and with what whoever sends has to know of the service: that it has only a waiting list, is closed, or
 * does not say (an OperationOutcome; the Task shows the same).
 */
export function sendOperation(clock: Clock): Operation {
  return {
    name: 'send',
    definition: `${canonicalBase}/OperationDefinition/send`,
    level: 'instance',
    resourceType: 'ServiceRequest',
    affectsState: true,
    parameters: ['owner', 'description', 'priority', 'until'],
    requires: [
      ['ServiceRequest', 'r'],
      ['Task', 'cr'],
    ],
    handle: (request) => handle(request, clock.now()),
  };
}

async function handle(request: OperationRequest, now: Date): Promise<Result<Resource>> {
  const { store, principal, parameters, id = '', transact } = request;
  const order = currentOf(await store.readSeen('ServiceRequest', id, visibilityOf(principal, 'r')));
  if (!isOfType(order, 'ServiceRequest')) return fail('not-found', 'There is no such request.');
  if (!transact) return fail('not-allowed', 'Nothing can be written here.');
  const task = taskFor(request, order, now);
  if (!task.ok) return task;
  const [type = '', ownerId = ''] = (parameters.text('owner') ?? '').split('/');
  if (currentOf(await store.read(type, ownerId)) === undefined)
    return refuse(rule, 'owner is nobody who is known here: nobody would ever answer.', 'Task.owner');
  const entry = [{ resource: task.value, request: { method: 'POST', url: 'Task' } }];
  const written = await transact({ resourceType: 'Bundle', type: 'transaction', entry });
  if (!written.ok) return written;
  const [first] = isOfType(written.value, 'Bundle') ? (written.value.entry ?? []) : [];
  const madeId = /Task\/([A-Za-z0-9.-]{1,64})/.exec(first?.response?.location ?? '')?.[1] ?? '';
  const made = currentOf(await store.readSeen('Task', madeId, visibilityOf(principal, 'r')));
  if (!isOfType(made, 'Task')) return fail('forbidden', 'The new Task is kept back from this caller.');
  const issue = remarksIn(made);
  const outcome = { name: 'outcome', resource: { resourceType: 'OperationOutcome' as const, issue } };
  return ok({
    resourceType: 'Parameters',
    parameter: [{ name: 'task', resource: made }, ...(issue.length > 0 ? [outcome] : [])],
  });
}

function taskFor(
  { parameters, principal }: OperationRequest,
  order: Resource & r4.ServiceRequest,
  now: Date,
): Result<Resource> {
  const owner = parameters.text('owner');
  if (owner === undefined) return fail('invalid', 'owner is missing: name who is asked.', { code: 'required' });
  if (!owners.test(owner))
    return fail('invalid', 'owner is somebody who does work, as Organization/id.', { code: 'value' });
  const priority = parameters.text('priority') ?? order.priority ?? 'routine';
  const known = priorities.find((one) => one === priority);
  if (known === undefined) return fail('invalid', `priority is one of ${priorities.join(', ')}.`, { code: 'value' });
  const description = parameters.text('description')?.trim() || order.code?.text;
  if (description !== undefined && description.length > limits.care.wordsLength)
    return fail('invalid', `description has at most ${limits.care.wordsLength} characters.`, { code: 'value' });
  const until = parameters.text('until');
  if (until !== undefined && !/^\d{4}-\d\d-\d\d$/.test(until))
    return fail('invalid', 'until is a day, as YYYY-MM-DD.', { code: 'value' });
  if (childOf(order) === undefined) return refuse(rule, 'This request is for no child.', 'ServiceRequest.subject');
  if (closedRequest.has(order.status)) {
    const text = `A request that is ${order.status} is not sent to anybody. Write a new one.`;
    return refuse(rule, text, 'ServiceRequest.status');
  }
  const requester =
    order.requester ?? (principal.fhirUser === undefined ? undefined : { reference: principal.fhirUser });
  if (requester === undefined)
    return refuse(rule, 'Nobody is named as who asks: say so in the request.', 'ServiceRequest.requester');
  const { security, tag } = order.meta ?? {};
  const meta = { ...(security && { security }), ...(tag && { tag }) };
  const task: r4.Task = {
    resourceType: 'Task',
    ...(Object.keys(meta).length > 0 && { meta }),
    ...statusFor('sent'),
    intent: 'order',
    priority: known,
    code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] },
    ...(description !== undefined && { description }),
    focus: { reference: `ServiceRequest/${order.id}` },
    ...(order.subject && { for: order.subject }),
    authoredOn: now.toISOString(),
    requester,
    owner: { reference: owner },
    ...(until !== undefined && { restriction: { period: { end: until } } }),
  };
  return ok({ ...task });
}

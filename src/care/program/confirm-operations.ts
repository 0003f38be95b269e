import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { refuse } from '../business-rule.ts';
import { referenceAsked, seenTarget } from './ask.ts';
import { confirmationsOf, confirmationUrl, isConfirmed, isHandOff, isSamePerson } from './hand-off.ts';

/**
 * `POST Task/[id]/$confirm-hand-off`: the caller confirms that the warm hand-off happened; with the second confirmation it is completed. A client that
 * acts by itself says for whom (`party`).
 */
export function confirmHandOffOperation(clock: Clock): Operation {
  return {
    name: 'confirm-hand-off',
    definition: `${canonicalBase}/OperationDefinition/confirm-hand-off`,
    level: 'instance',
    resourceType: 'Task',
    affectsState: true,
    parameters: ['party'],
    requires: [['Task', 'ru']],
    async handle(request) {
      const target = await seenTarget(request, 'Task');
      if (!target.ok) return target;
      const { resource: task, version } = target.value;
      if (!isOfType(task, 'Task') || !isHandOff(task))
        return refuse('warm-hand-off', 'This Task is no warm hand-off.', 'Task.code');
      const party = await partyOf(request, task);
      if (!party.ok) return party;
      if (confirmationsOf(task).some(({ by }) => by === party.value)) return ok(task);
      const at = clock.now().toISOString();
      const confirmation: r4.Extension = {
        url: confirmationUrl,
        extension: [
          { url: 'by', valueReference: { reference: party.value } },
          { url: 'at', valueInstant: at },
        ],
      };
      const next: r4.Task & Resource = { ...task, extension: [...(task.extension ?? []), confirmation] };
      if (isConfirmed(next))
        Object.assign(next, { status: 'completed', executionPeriod: { ...task.executionPeriod, end: at } });
      return put(request, { ...next }, version);
    },
  };
}

async function partyOf(
  { parameters, principal, store }: OperationRequest,
  { requester, owner }: r4.Task,
): Promise<Result<string>> {
  const asked = referenceAsked(parameters, 'party', [
    'Practitioner',
    'PractitionerRole',
    'Organization',
    'RelatedPerson',
  ]);
  if (!asked.ok) return asked;
  if (asked.value !== undefined) return ok(asked.value);
  for (const reference of [localReference(requester), localReference(owner)]) {
    const person = principal.fhirUser;
    if (reference !== undefined && person !== undefined && (await isSamePerson(store, person, reference)))
      return ok(reference);
  }
  return refuse('warm-hand-off', 'A hand-off is confirmed by who hands over and who takes over.', 'Task.extension');
}

/**
 * `POST Communication/[id]/$acknowledge`: the recipient has read the notice of an enrollment; when is recorded, and it is completed. A client that acts
 * by itself (a practice's own system) may do it for them.
 */
export function acknowledgeOperation(clock: Clock): Operation {
  return {
    name: 'acknowledge',
    definition: `${canonicalBase}/OperationDefinition/acknowledge`,
    level: 'instance',
    resourceType: 'Communication',
    affectsState: true,
    parameters: [],
    requires: [['Communication', 'ru']],
    async handle(request) {
      const target = await seenTarget(request, 'message');
      if (!target.ok) return target;
      const { resource: message, version } = target.value;
      if (!isOfType(message, 'Communication')) return fail('not-found', 'There is no such message here.');
      if (message.received !== undefined) return ok(message);
      return put(request, { ...message, status: 'completed', received: clock.now().toISOString() }, version);
    },
  };
}

async function put({ transact }: OperationRequest, resource: Resource, version: number): Promise<Result<Resource>> {
  if (!transact) return fail('not-allowed', 'Nothing can be written here.');
  const url = `${resource.resourceType}/${resource.id}`;
  const request = { method: 'PUT', url, ifMatch: `W/"${version}"` };
  const answer = await transact({ resourceType: 'Bundle', type: 'transaction', entry: [{ resource, request }] });
  return answer.ok ? ok(resource) : answer;
}

import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import { refuse } from '../business-rule.ts';
import { currentOf } from '../stored.ts';
import { type CanonicalState, stateOf, statusFor } from './canonical-state.ts';
import { fulfillsReferral } from './states.ts';

type Task = Resource & r4.Task;
const rule = 'referral-reroute';

/** FHIR R4, extension-task-replaces: the Task whose work this one takes over. */
const replaces = 'http://hl7.org/fhir/StructureDefinition/task-replaces';

/** Not begun yet: the requester takes it back and asks somebody else. */
const notBegun: ReadonlySet<CanonicalState> = new Set(['sent', 'seen', 'more-information']);
const ended: ReadonlySet<CanonicalState> = new Set(['declined', 'failed']);

/** Whether somebody else may be asked for the same request of a referral in this state. */
export function mayReroute(state: CanonicalState): boolean {
  return notBegun.has(state) || ended.has(state);
}

/** What a new Task takes over from the one before. */
const taken = [
  ...[
    'intent',
    'code',
    'description',
    'focus',
    'for',
    'encounter',
    'requester',
    'basedOn',
    'groupIdentifier',
    'priority',
  ],
  ...['reasonCode', 'reasonReference', 'insurance', 'input', 'performerType', 'partOf'],
] as const;

/**
 * `POST Task/[id]/$reroute`: asks somebody else for the same request. A declined or failed referral stays as it is; one that nobody has begun is cancelled
 * with the reason; both are named by the new Task. One transaction, as the caller and by every rule. Answers with the new Task.
 */
export function rerouteOperation(clock: Clock): Operation {
  return {
    name: 'reroute',
    definition: `${canonicalBase}/OperationDefinition/reroute`,
    level: 'instance',
    resourceType: 'Task',
    affectsState: true,
    parameters: ['owner', 'reason'],
    requires: [['Task', 'cru']],
    handle: (request) => handle(request, clock.now()),
  };
}

async function handle(request: OperationRequest, now: Date): Promise<Result<Resource>> {
  const { store, principal, id, parameters, transact } = request;
  const seen = id === undefined ? undefined : await store.readSeen('Task', id, visibilityOf(principal, 'u'));
  const task = currentOf(seen);
  if (!seen || !isOfType(task, 'Task')) return fail('not-found', 'There is no such Task.');
  if (!transact) return fail('not-allowed', 'Nothing can be written here.');
  const owner = parameters.text('owner');
  if (owner === undefined) return fail('invalid', 'owner is missing: name who is asked now.', { code: 'required' });
  const state = fulfillsReferral(task) ? stateOf(task) : undefined;
  const ending = endOf(task, state, owner, parameters.text('reason'));
  if (!ending.ok) return ending;
  const fullUrl = `urn:uuid:${newId()}`;
  const entry = [
    { fullUrl, resource: newTask(task, owner, now), request: { method: 'POST', url: 'Task' } },
    ...ending.value.map((resource) => ({
      resource,
      request: { method: 'PUT', url: `Task/${task.id}`, ifMatch: `W/"${seen.version}"` },
    })),
  ];
  const written = await transact({ resourceType: 'Bundle', type: 'transaction', entry });
  if (!written.ok) return written;
  const made = currentOf(await store.readSeen('Task', idOf(written.value), visibilityOf(principal, 'r')));
  return made ? ok(made) : fail('forbidden', 'The new Task is kept back from this caller.');
}

/** How the Task before ends: not at all when it has ended already. */
function endOf(
  task: Task,
  state: CanonicalState | undefined,
  owner: string,
  reason: string | undefined,
): Result<Resource[]> {
  if (state === undefined) return refuse(rule, 'This Task is no referral.', 'Task.focus');
  if (owner === task.owner?.reference)
    return refuse(rule, 'Who is asked now is somebody else than before.', 'Task.owner');
  if (ended.has(state)) return ok([]);
  if (!notBegun.has(state)) {
    const text = `A referral that is ${state} is not passed on. One that is under way is cancelled first; one that is over gets a new request.`;
    return refuse(rule, text, 'Task.status');
  }
  if ((reason ?? '').trim() === '')
    return refuse(rule, 'Why somebody else is asked is said in words.', 'Task.statusReason');
  const { businessStatus: _was, ...rest } = task;
  return ok([{ ...rest, ...statusFor('cancelled'), statusReason: { text: reason } } as Resource]);
}

function newTask(task: Task, owner: string, now: Date): Resource {
  const { profile, security, tag } = task.meta ?? {};
  const meta = { ...(profile && { profile }), ...(security && { security }), ...(tag && { tag }) };
  const before = { url: replaces, valueReference: { reference: `Task/${task.id}` } };
  return {
    resourceType: 'Task',
    ...Object.fromEntries(taken.flatMap((name) => (task[name] === undefined ? [] : [[name, task[name]]]))),
    ...(Object.keys(meta).length > 0 && { meta }),
    extension: [before],
    ...statusFor('sent'),
    owner: { reference: owner },
    authoredOn: now.toISOString(),
  };
}

function idOf(answer: Resource): string {
  const [first] = isOfType(answer, 'Bundle') ? (answer.entry ?? []) : [];
  return /Task\/([A-Za-z0-9.-]{1,64})/.exec(first?.response?.location ?? '')?.[1] ?? '';
}

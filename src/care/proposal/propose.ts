import { visibilityOf } from '../../access/decide.ts';
import type { Principal } from '../../access/types.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isLead } from '../../fhir/plan-view/team.ts';
import { participantTypeSystem } from '../../fhir/provenance.ts';
import { canonicalBase, isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Reader } from '../../store/types.ts';
import { actorOf } from '../actor-of.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { isOfChild } from '../oneself.ts';
import { currentOf } from '../stored.ts';
import { isFamily, isPerson, named, speakerOf } from './caller.ts';
import { linesIn, lineTypes } from './plan-lines.ts';
import { type Action, actions, asContained, careConcept, part } from './proposal-task.ts';

/** Of some records what this caller is told. */
export type Told = (principal: Principal, resources: readonly Resource[]) => Promise<Resource[]>;

export interface ProposalDeps {
  clock: Clock;
  told: Told;
}

type Plan = Resource & r4.CarePlan;

interface Asked {
  action: Action;
  reason: string;
  /** `Type/id`. */
  target?: string;
  proposed?: Resource;
  /** Whose wish it is. */
  requester: string;
  /** Somebody else wrote it down. */
  isEntered: boolean;
  enteredBy?: string;
  onBehalfOf?: string;
}

/**
 * `POST CarePlan/[id]/$propose`: somebody who may read the shared plan asks for a change of it, in their own words. Nothing of the plan changes:
 * it becomes a Task for the lead coordinator, or for nobody, which stands in the work queue as that. A family asks for itself; a coordinator
 * or a partner's program may write down what somebody else wishes.
 */
export function proposeOperation(deps: ProposalDeps): Operation {
  return {
    name: 'propose',
    definition: `${canonicalBase}/OperationDefinition/propose`,
    level: 'instance',
    resourceType: 'CarePlan',
    affectsState: true,
    parameters: ['action', 'target', 'proposed', 'reason', 'onBehalfOf'],
    requires: [
      ['CarePlan', 'r'],
      ['Task', 'c'],
    ],
    async handle(request) {
      const { store, principal, id = '' } = request;
      const plan = currentOf(await store.readSeen('CarePlan', id, visibilityOf(principal, 'r')));
      if (!isOfType(plan, 'CarePlan') || !isSharedPlan(plan) || isMirror(plan))
        return fail('not-found', 'There is no such shared plan here.');
      const speaker = await speakerOf(principal, childOf(plan) ?? '', store);
      const asked = readAsked(request, speaker);
      return asked.ok ? write(request, plan, asked.value, deps) : asked;
    },
  };
}

const missing = (name: string, text: string) =>
  fail('invalid', text, { code: 'required', expression: [`Parameters.parameter.where(name = '${name}')`] });

function readAsked({ parameters }: OperationRequest, speaker: string | undefined): Result<Asked> {
  const action = actions.find((one) => one === parameters.text('action'));
  if (action === undefined) return fail('invalid', `action has to be one of ${actions.join(', ')}.`, { code: 'value' });
  const reason = parameters.text('reason')?.trim();
  if (!reason) return missing('reason', 'reason says in plain words what is wanted and why.');
  if (reason.length > limits.care.wordsLength)
    return fail('invalid', `reason has at most ${limits.care.wordsLength} characters.`, { code: 'value' });
  const target = parameters.text('target')?.split('/_history/')[0];
  if (target === undefined && (action === 'change' || action === 'remove'))
    return missing('target', `Which line is meant stands in target, as Type/id, to ${action} one.`);
  if (target !== undefined && action === 'add')
    return fail('invalid', 'target is of a line that is there already. To add one, leave it out.', { code: 'value' });
  const proposed = parameters.resource('proposed');
  if (proposed === undefined && (action === 'add' || action === 'change'))
    return missing('proposed', `What is wanted stands as a resource in proposed, to ${action} a line.`);
  const onBehalfOf = parameters.text('onBehalfOf');
  if (onBehalfOf !== undefined && !isPerson(onBehalfOf))
    return fail('invalid', 'onBehalfOf names a person or an organization, as Type/id.', { code: 'value' });
  // Whoever is of the family asks in their own name: for whom, their words say.
  const requester = isFamily(speaker) ? speaker : (onBehalfOf ?? speaker);
  if (requester === undefined)
    return missing('onBehalfOf', 'A program has no wishes: onBehalfOf names whose it writes down.');
  return ok({
    action,
    reason,
    requester,
    isEntered: requester !== speaker,
    ...(target !== undefined && { target }),
    ...(proposed && { proposed }),
    ...(speaker !== undefined && speaker !== requester && { enteredBy: speaker }),
    ...(isFamily(speaker) && onBehalfOf !== undefined && { onBehalfOf }),
  });
}

async function write(
  request: OperationRequest,
  plan: Plan,
  asked: Asked,
  { clock, told }: ProposalDeps,
): Promise<Result<Resource>> {
  const { store, principal } = request;
  const child = childOf(plan) ?? '';
  const target = await targetOf(request, plan, asked);
  if (!target.ok) return target;
  const proposed = proposedFor(child, asked.proposed, target.value);
  if (!proposed.ok) return proposed;
  if (!(await isOfChild(asked.requester, child, store)))
    return fail('unprocessable', 'Who asks is not known here as somebody of this child.', { code: 'not-found' });
  const [seen] = target.value && asked.action === 'change' ? await told(principal, [target.value]) : [];
  const owner = await leadOf(store, plan);
  const task = taskOf({ plan, child, asked, proposed: proposed.value, seen, owner, now: clock.now() });
  task.requester = await named(store, asked.requester);
  const valid = (await request.check?.({ ...task })) ?? ok(undefined);
  if (!valid.ok) return valid;
  const actor = actorOf(request);
  if (asked.isEntered) actor.provenance = enteredFor(asked, clock);
  return store.transact(actor, async (tx) => {
    const written = await tx.create({ ...task });
    if (!written.ok) return written;
    const { stored } = written.value;
    const mayWrite = await tx.sees(visibilityOf(principal, 'c'), stored);
    const mayRead = await tx.sees(visibilityOf(principal, 'r'), stored);
    const after = currentOf(stored);
    return mayWrite && mayRead && after
      ? ok(after)
      : fail('forbidden', 'This proposal reaches outside of what is allowed.');
  });
}

/** The line that is meant, as it is stored; undefined where none is. */
async function targetOf(
  { store, principal }: OperationRequest,
  plan: Plan,
  { target, action }: Asked,
): Promise<Result<Resource | undefined>> {
  if (target === undefined) return ok(undefined);
  const [type = '', id = ''] = target.split('/');
  const isPlan = target === `CarePlan/${plan.id}`;
  const line = currentOf(await store.readSeen(type, id, visibilityOf(principal, 'r')));
  if (!line || (!isPlan && !linesIn(plan).includes(target)) || (isPlan && action === 'remove'))
    return fail('unprocessable', 'target is no line of this plan.', { code: 'not-found' });
  if (action === 'change' && isMirror(line)) {
    const text = 'This line comes from a hospital and is changed there. Propose a comment, or a line of our own.';
    return fail('unprocessable', text, { code: 'business-rule' });
  }
  return ok(line);
}

/** What is wanted, as it would be written: about this child, and of the kind that is meant. */
function proposedFor(
  child: string,
  proposed: Resource | undefined,
  target: Resource | undefined,
): Result<Resource | undefined> {
  if (proposed === undefined) return ok(undefined);
  const { resourceType: type } = proposed;
  if (target ? type !== target.resourceType : !lineTypes.includes(type)) {
    const kinds = target ? `another ${target.resourceType}` : `one of ${lineTypes.join(', ')}`;
    return fail('unprocessable', `proposed has to be ${kinds}.`, { code: 'value' });
  }
  if ('contained' in proposed)
    return fail('unprocessable', 'proposed holds no contained resources.', { code: 'value' });
  const element = type === 'Task' ? 'for' : 'subject';
  const named = childOf(proposed);
  if (proposed[element] !== undefined && named !== child)
    return fail('unprocessable', 'proposed is about the child of the plan.', { code: 'value' });
  return ok({ ...proposed, [element]: { reference: `Patient/${child}` } });
}

async function leadOf(reader: Reader, plan: Plan): Promise<r4.Reference | undefined> {
  for (const reference of plan.careTeam ?? []) {
    const team = currentOf(await reader.read('CareTeam', localId(reference, 'CareTeam') ?? ''));
    if (!isOfType(team, 'CareTeam')) continue;
    const lead = team.participant?.find((one) => isLead(one) && one.period?.end === undefined);
    if (lead?.member?.reference !== undefined) return { reference: lead.member.reference };
  }
  return undefined;
}

function taskOf(of: {
  plan: Plan;
  child: string;
  asked: Asked;
  proposed: Resource | undefined;
  seen: Resource | undefined;
  owner: r4.Reference | undefined;
  now: Date;
}): r4.Task & { resourceType: 'Task' } {
  const { plan, child, asked, proposed, seen, owner, now } = of;
  const contained = [
    ...(proposed ? [asContained(proposed, 'proposed')] : []),
    ...(seen ? [asContained(seen, 'seen')] : []),
  ];
  const reference = (code: string, value: string | undefined): r4.TaskInput[] =>
    value === undefined ? [] : [{ type: part(code), valueReference: { reference: value } }];
  return {
    resourceType: 'Task',
    meta: { profile: [`${canonicalBase}/StructureDefinition/plan-change`] },
    ...(contained.length > 0 && { contained }),
    basedOn: [{ reference: `CarePlan/${plan.id}` }],
    status: 'requested',
    intent: 'proposal',
    code: careConcept('plan-change', 'Change of the shared plan'),
    focus: { reference: asked.target ?? `CarePlan/${plan.id}` },
    for: { reference: `Patient/${child}` },
    authoredOn: now.toISOString(),
    ...(owner && { owner }),
    reasonCode: { text: asked.reason },
    input: [
      { type: part('action'), valueCode: asked.action },
      ...reference('proposed', proposed && '#proposed'),
      ...reference('seen', seen && '#seen'),
      ...reference('entered-by', asked.enteredBy),
      ...reference('on-behalf-of', asked.onBehalfOf),
    ],
  };
}

/** Whose wish it is, and who wrote it down. */
function enteredFor({ requester, enteredBy }: Asked, clock: Clock): Resource {
  const agent = (code: string, who: r4.Reference) => ({
    type: { coding: [{ system: participantTypeSystem, code }] },
    who,
  });
  return {
    resourceType: 'Provenance',
    recorded: clock.now().toISOString(),
    agent: [
      agent('author', { reference: requester }),
      agent('enterer', enteredBy === undefined ? { display: 'A program' } : { reference: enteredBy }),
    ],
  };
}

import { visibilityOf } from '../../access/decide.ts';
import type { Principal } from '../../access/types.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { isLead } from '../../fhir/plan-view/team.ts';
import { canonicalBase, isSharedPlan } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Operation, OperationRequest } from '../../module.ts';
import type { Reader } from '../../store/types.ts';
import { actorOf } from '../actor-of.ts';
import { childOf } from '../child.ts';
import { localId } from '../local-id.ts';
import { isOfChild } from '../oneself.ts';
import { currentOf } from '../stored.ts';
import { whoIsHere } from '../team/known-people.ts';
import { type AskedProposal, readProposal } from './asked-proposal.ts';
import { named, speakerOf } from './caller.ts';
import { checkKind, childIn, forChild, isBesideType } from './kinds.ts';
import { linesIn } from './plan-lines.ts';
import { enteredFor, taskOf } from './proposal-content.ts';

/** Of some records what this caller is told. */
export type Told = (principal: Principal, resources: readonly Resource[]) => Promise<Resource[]>;

export interface ProposalDeps {
  clock: Clock;
  told: Told;
}

type Plan = Resource & r4.CarePlan;

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
      const asked = readProposal(request, speaker);
      return asked.ok ? write(request, plan, asked.value, deps) : asked;
    },
  };
}

async function write(
  request: OperationRequest,
  plan: Plan,
  asked: AskedProposal,
  { clock, told }: ProposalDeps,
): Promise<Result<Resource>> {
  const { store, principal } = request;
  const child = childOf(plan) ?? '';
  const target = await targetOf(request, plan, asked);
  if (!target.ok) return target;
  const [seen] = target.value && asked.action === 'change' ? await told(principal, [target.value]) : [];
  const proposed = proposedFor(child, asked, seen);
  if (!proposed.ok) return proposed;
  if (!(await isOfChild(asked.requester, child, store)))
    return fail('unprocessable', 'Who asks is not known here as somebody of this child.', { code: 'not-found' });
  const owner = await whoIsHere(store, await leadOf(store, plan));
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
  { target, action }: AskedProposal,
): Promise<Result<Resource | undefined>> {
  if (target === undefined) return ok(undefined);
  const [type = '', id = ''] = target.split('/');
  const isPlan = target === `CarePlan/${plan.id}`;
  const line = currentOf(await store.readSeen(type, id, visibilityOf(principal, 'r')));
  const isBeside =
    line !== undefined &&
    action !== 'remove' &&
    isBesideType(type) &&
    childIn(line) === childOf(plan) &&
    isOwnTeam(plan, type, target);
  if (!line || (!isPlan && !isBeside && !linesIn(plan).includes(target)) || (isPlan && action === 'remove'))
    return fail('unprocessable', 'target is no line of this plan.', { code: 'not-found' });
  if (action === 'change' && isMirror(line)) {
    const text = 'This line comes from a hospital and is changed there. Propose a comment, or a line of our own.';
    return fail('unprocessable', text, { code: 'business-rule' });
  }
  return ok(line);
}

/** Of care teams the plan's own. */
function isOwnTeam({ careTeam = [] }: Plan, type: string, target: string): boolean {
  return type !== 'CareTeam' || careTeam.some(({ reference }) => reference === target);
}

/** What is wanted, as it would be written: about this child, and of the kind that is meant. `seen`: what it is to change, as the caller is told it. */
function proposedFor(
  child: string,
  { action, proposed }: AskedProposal,
  seen: Resource | undefined,
): Result<Resource | undefined> {
  if (proposed === undefined) return ok(undefined);
  if (seen && seen.resourceType !== proposed.resourceType)
    return fail('unprocessable', `proposed has to be another ${seen.resourceType}.`, { code: 'value' });
  if ('contained' in proposed)
    return fail('unprocessable', 'proposed holds no contained resources.', { code: 'value' });
  const wanted = forChild(proposed, child);
  if (wanted === undefined) return fail('unprocessable', 'proposed is about the child of the plan.', { code: 'value' });
  const kind = action === 'add' || action === 'change' ? checkKind(action, wanted, seen) : ok(undefined);
  return kind.ok ? ok(wanted) : kind;
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

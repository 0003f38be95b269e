import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { isMirror } from '../../fhir/mirror.ts';
import { isOfType, ofType } from '../../fhir/of-type.ts';
import { participantTypeSystem } from '../../fhir/provenance.ts';
import { planCategory } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { OperationRequest } from '../../module.ts';
import { foundBy, where } from '../found.ts';
import { currentOf } from '../stored.ts';
import { type Answer, toldProposal } from './asked-answer.ts';
import { bundleOf } from './bundle.ts';
import { isFamily, named } from './caller.ts';
import { noMove, notTheirs } from './check-answer.ts';
import { isOpen, isProposalTask, type Proposal, part, proposalOf } from './proposal-task.ts';
import { answered } from './say.ts';
import { takenUp, withScenario } from './take-up.ts';
import { wantedChange } from './wanted-change.ts';

const tries = 4;

/**
 * Accepts a proposal: the change, the answer and a Provenance (the proposer as author, the acceptor as verifier) in one transaction, as the caller. What somebody
 * else writes meanwhile makes it look anew; what cannot be put together is a conflict, and nothing is written.
 */
export async function accept(request: OperationRequest, answer: Answer, clock: Clock): Promise<Result<Resource>> {
  for (let attempt = 1; ; attempt += 1) {
    const done = await tryAccept(request, answer, clock);
    if (done.ok) return toldProposal(request);
    if (done.error.kind !== 'precondition' || attempt === tries) return done;
  }
}

async function tryAccept(request: OperationRequest, answer: Answer, clock: Clock): Promise<Result<Resource>> {
  const { store, principal, id = '' } = request;
  if (!request.transact) return fail('not-allowed', 'Nothing can be written here.');
  const visible = visibilityOf(principal, 'r');
  const task = currentOf(await store.readSeen('Task', id, visible));
  if (!isProposalTask(task)) return fail('not-found', 'There is no such proposal here.');
  if (!isOpen(task)) return noMove(task.status, 'completed');
  const proposal = proposalOf(task);
  // Said first: a family may not be told of all that the change touches, and would read of a record that is not there.
  if (isFamily(answer.who) || answer.who === proposal.requester) return notTheirs();
  const plan = currentOf(await store.readSeen('CarePlan', proposal.planId ?? '', visible));
  if (!isOfType(plan, 'CarePlan')) return fail('not-found', 'The plan of this proposal is not there.');
  const [type = '', targetId = ''] = (proposal.target ?? '').split('/');
  const target = currentOf(await store.readSeen(type, targetId, visible));
  const change =
    proposal.action === 'scenario'
      ? await scenarioChange(request, proposal, target)
      : wantedChange(proposal, plan, target, answer.who);
  if (!change.ok) return change;
  const after = answered(task, answer, await named(store, answer.who), clock.now());
  const { result } = change.value;
  if (result !== undefined) after.output?.push({ type: part('result'), valueReference: { reference: result } });
  const { created, updated } = change.value;
  const bundle = bundleOf({ ...(created && { created: [created] }), updated: [...updated, { ...after }] });
  const provenance = provenanceOf(proposal.requester, answer.who, clock);
  return request.transact(bundle, { provenance });
}

/** What taking up a scenario writes: the scenario in force, and the emergency plan that lists it, where there is one. */
async function scenarioChange(
  { store, principal, parameters }: OperationRequest,
  { target = '', child = '' }: Proposal,
  draft: Resource | undefined,
): Promise<ReturnType<typeof wantedChange>> {
  const scenario = takenUp(draft, parameters.resource('completed'));
  if (!scenario.ok) return scenario;
  const own = where('CarePlan', 'subject', 'reference', { kind: 'reference', type: 'Patient', id: child });
  const active = where('CarePlan', 'status', 'token', { kind: 'token', code: 'active' });
  const visible = visibilityOf(principal, 'r');
  const found = await foundBy(store, { type: 'CarePlan', filters: [own, active], count: 100 }, visible);
  if (!found.ok) return found;
  const plan = ofType(found.value.resources, 'CarePlan').find(
    (one) => planCategory(one) === 'emergency' && !isMirror(one),
  );
  const listed = plan && withScenario(plan, target);
  const updated = [...(scenario.value ? [scenario.value] : []), ...(listed && listed !== plan ? [listed] : [])];
  return ok({ updated, result: target });
}

function provenanceOf(author: string | undefined, verifier: string, clock: Clock): Resource {
  const agent = (code: string, who: string): r4.ProvenanceAgent => ({
    type: { coding: [{ system: participantTypeSystem, code }] },
    who: { reference: who },
  });
  return {
    resourceType: 'Provenance',
    recorded: clock.now().toISOString(),
    agent: [...(author === undefined ? [] : [agent('author', author)]), agent('verifier', verifier)],
  };
}

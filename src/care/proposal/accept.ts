import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { participantTypeSystem } from '../../fhir/provenance.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { OperationRequest } from '../../module.ts';
import { currentOf } from '../stored.ts';
import { type Answer, toldProposal } from './asked-answer.ts';
import { bundleOf } from './bundle.ts';
import { named } from './caller.ts';
import { noMove } from './check-answer.ts';
import { isOpen, isProposalTask, part, proposalOf } from './proposal-task.ts';
import { answered } from './say.ts';
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
  const plan = currentOf(await store.readSeen('CarePlan', proposal.planId ?? '', visible));
  if (!isOfType(plan, 'CarePlan')) return fail('not-found', 'The plan of this proposal is not there.');
  const [type = '', targetId = ''] = (proposal.target ?? '').split('/');
  const target = currentOf(await store.readSeen(type, targetId, visible));
  const change = wantedChange(proposal, plan, target, answer.who);
  if (!change.ok) return change;
  const after = answered(task, answer, await named(store, answer.who), clock.now());
  const { result } = change.value;
  if (result !== undefined) after.output?.push({ type: part('result'), valueReference: { reference: result } });
  const { created, updated } = change.value;
  const bundle = bundleOf({ ...(created && { created: [created] }), updated: [...updated, { ...after }] });
  const provenance = provenanceOf(proposal.requester, answer.who, clock);
  return request.transact(bundle, { provenance });
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

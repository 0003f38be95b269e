import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { concludeWritten } from '../written-here.ts';
import { childIn, isBesideType } from './kinds.ts';
import { linesIn } from './plan-lines.ts';
import { isProposalTask, type Proposal, proposalOf } from './proposal-task.ts';

const rule = 'plan-change-applied';

/** An accepted proposal comes with its change, in one transaction: nobody is told yes while the plan says no. */
export const concludeApplied = concludeWritten(rule, 'Task', async (after, before, tx) => {
  if (!isProposalTask(after) || after.status !== 'completed') return ok(undefined);
  // What was over when it came here is told, not lived.
  if (!isProposalTask(before) || before.status === 'completed') return ok(undefined);
  const proposal = proposalOf(after);
  if (proposal.action === 'scenario') return isTakenUp(proposal, tx);
  const plan = currentOf(await tx.read('CarePlan', proposal.planId ?? ''));
  if (!isOfType(plan, 'CarePlan') || (plan.status !== 'active' && proposal.action !== 'comment'))
    return refuse(
      rule,
      'The shared plan is not active any more, so nothing of it changes. Reject the proposal.',
      'Task.basedOn',
    );
  return isApplied(proposal, plan, tx);
});

/** A scenario that was accepted is in force. */
async function isTakenUp({ target = '' }: Proposal, tx: Tx): Promise<Result<void>> {
  const id = localId({ reference: target }, 'RequestGroup') ?? '';
  const scenario = currentOf(await tx.read('RequestGroup', id));
  if (isOfType(scenario, 'RequestGroup') && scenario.status === 'active' && scenario.intent !== 'proposal')
    return ok(undefined);
  const text = 'To accept it, complete the scenario and make it active in the same transaction.';
  return refuse(rule, text, 'Task.focus');
}

function isApplied(proposal: Proposal, plan: Resource & r4.CarePlan, tx: Tx): Result<void> {
  const { action, target = '' } = proposal;
  if (action === 'comment') return ok(undefined);
  const lines = linesIn(plan);
  if (action === 'remove') {
    const text = 'To accept it, take the line out of the shared plan in the same transaction.';
    return lines.includes(target) ? refuse(rule, text, 'Task.focus') : ok(undefined);
  }
  const changed = tx.changes.some(({ type, id, outcome, after }) => {
    const name = `${type}/${id}`;
    if (action === 'change') return name === target && outcome === 'updated';
    const isNew = outcome === 'created' && type === proposal.proposed?.resourceType;
    return isNew && childIn(after) === proposal.child && (isBesideType(type) || lines.includes(name));
  });
  const text = `To accept it, ${action === 'add' ? 'write the new line and put it into the plan' : 'change the line'} in the same transaction.`;
  return changed ? ok(undefined) : refuse(rule, text, 'Task.status');
}

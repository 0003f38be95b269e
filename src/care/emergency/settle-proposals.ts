import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Tx, WriteConclusion } from '../../store/types.ts';
import { localId } from '../local-id.ts';
import { isOneself } from '../oneself.ts';
import { isOpen, isProposalTask, type ProposalTask, part, programName } from '../proposal/proposal-task.ts';
import { removeClock } from '../queue/clock-row.ts';
import { currentOf, resourceOf } from '../stored.ts';
import { closeReviewTask } from './review-task.ts';
import { isScenario } from './scenario.ts';
import { isTaskOf, proposalTaskCode } from './terms.ts';

/** A proposed scenario that was taken up, or not, needs nobody's look any more: the Task that asked for it is done. */
export const settleProposals: WriteConclusion = {
  name: 'emergency-scenario-settled',
  async conclude(changes, tx) {
    for (const { id, before, after } of changes) {
      if (!isOfType(before, 'RequestGroup') || !isOfType(after, 'RequestGroup') || !isScenario(after)) continue;
      const child = localId(after.subject, 'Patient');
      if (before.status !== 'draft' || after.status === 'draft' || child === undefined) continue;
      for (const { stored } of await tx.recordsOf([child], ['Task'])) {
        const task = resourceOf(stored);
        if (!isOfType(task, 'Task') || !isTaskOf(task, proposalTaskCode) || localId(task.focus, 'RequestGroup') !== id)
          continue;
        const closed = isProposalTask(task)
          ? await answer(tx, task, after)
          : await closeReviewTask(tx, stored.id, { status: 'completed' });
        if (!closed.ok) return closed;
      }
    }
    return ok(undefined);
  },
};

/**
 * What was done to the scenario is the answer to its proposal, in the name of who did it. Nobody answers their own: who proposed it and then did it
 * themselves has taken the question back, and the Task says what became of it.
 */
async function answer(tx: Tx, { id = '' }: ProposalTask, scenario: r4.RequestGroup): Promise<Result<void>> {
  const task = currentOf(await tx.read('Task', id));
  if (!isProposalTask(task) || !isOpen(task)) return ok(undefined);
  const { kind, id: who } = tx.actor;
  const isAccepted = scenario.status === 'active';
  const reason = scenario.note?.at(-1)?.text.trim();
  const result = { type: part('result'), valueReference: { reference: `RequestGroup/${scenario.id}` } };
  if (kind === 'user' && (await isOneself(task.requester?.reference ?? '', tx.actor, tx))) {
    const text = isAccepted ? 'Taken up by who proposed it.' : reason || 'Taken back by who proposed it.';
    const output = [...(task.output ?? []), result];
    return close(tx, { ...task, status: 'cancelled', statusReason: { text }, output });
  }
  if (kind === 'user' && !/^Practitioner(Role)?\//.test(who)) return ok(undefined);
  const answered: ProposalTask = {
    ...task,
    status: isAccepted ? 'completed' : 'rejected',
    ...(!isAccepted && { statusReason: { text: reason || 'Not taken up.' } }),
    output: [
      ...(task.output ?? []),
      { type: part('answer'), valueCode: isAccepted ? 'accept' : 'reject' },
      { type: part('answered-by'), valueReference: kind === 'user' ? { reference: who } : { display: programName } },
      result,
    ],
  };
  return close(tx, answered);
}

async function close(tx: Tx, task: ProposalTask): Promise<Result<void>> {
  const written = await tx.update(task);
  if (written.ok) removeClock(tx, task.id ?? '');
  return written.ok ? ok(undefined) : written;
}

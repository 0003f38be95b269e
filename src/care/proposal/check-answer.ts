import { type Err, ok, type Result } from '../../base/errors.ts';
import type { r4 } from '../../fhir/types.ts';
import type { Actor, Tx } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { isOneself } from '../oneself.ts';
import { checkWritten } from '../written-here.ts';
import { isClinician, isFamily } from './caller.ts';
import { isProposalTask, type ProposalTask, proposalOf } from './proposal-task.ts';

const rule = 'plan-change-answer';
type Status = r4.Task['status'];

const waiting: readonly Status[] = ['received', 'on-hold', 'completed', 'rejected', 'cancelled'];
const moves: Partial<Record<Status, readonly Status[]>> = {
  draft: ['requested', 'cancelled'],
  requested: waiting,
  received: waiting,
  'on-hold': waiting,
};

/**
 * How a proposal ends: accepted (`completed`) or rejected with the reason why, by a clinician who did not ask for it; or taken back (`cancelled`) by who did.
 * An end is an end. What ended before it came here is told, not lived.
 */
export const checkProposalAnswer = checkWritten(rule, 'Task', async (after, before, tx) => {
  if (!isProposalTask(after)) return ok(undefined);
  const from = isProposalTask(before) ? before.status : undefined;
  if (from === undefined && tx.actor.kind === 'user' && after.status !== 'draft' && after.status !== 'requested')
    return refuse(rule, 'A proposal begins as draft or requested.', 'Task.status');
  if (from === undefined || from === after.status || after.status === 'entered-in-error') return ok(undefined);
  if (!(moves[from] ?? []).includes(after.status)) return noMove(from, after.status);
  if (after.status === 'cancelled') return checkWithdrawal(after, tx);
  return after.status === 'completed' || after.status === 'rejected' ? checkEnd(after, tx) : ok(undefined);
});

/** What is over is over, also when the same is said again. */
export function noMove(from: Status, to: Status): Err {
  const possible = moves[from]?.join(', ');
  const instead =
    possible === undefined
      ? 'It was answered, and the answer stays: make another proposal.'
      : `From there it becomes ${possible}.`;
  return refuse(rule, `A proposal that is ${from} does not become ${to}. ${instead}`, 'Task.status');
}

async function checkEnd(task: ProposalTask, tx: Tx): Promise<Result<void>> {
  const { action, answer, answeredBy, isAnsweredByProgram, requester } = proposalOf(task);
  const expected = task.status === 'completed' ? 'accept' : 'reject';
  // A program that makes a scenario part of the plan, or gives it up, has been told by somebody.
  const isTold = action === 'scenario' && isAnsweredByProgram && tx.actor.kind !== 'user';
  if (answer === expected && isTold) return checkReason(task, answer);
  if (answer !== expected || answeredBy === undefined) {
    const text = `A proposal is ${task.status} by an answer: outputs answer (${expected}) and answered-by. Or use $answer-proposal.`;
    return refuse(rule, text, 'Task.output');
  }
  const reason = checkReason(task, answer);
  if (!reason.ok) return reason;
  if (!isClinician(answeredBy) || answeredBy === requester) return notTheirs();
  return isOwn(answeredBy, tx.actor, tx, 'Everybody answers in their own name.');
}

/** Whoever asks does not answer. */
export function notTheirs(): Err {
  return refuse(rule, 'A proposal is answered by a clinician who did not ask for it.', 'Task.output');
}

function checkReason({ statusReason }: ProposalTask, answer: string): Result<void> {
  if (answer !== 'reject' || statusReason?.text?.trim()) return ok(undefined);
  return refuse(rule, 'Who rejects a proposal says why, in statusReason.text.', 'Task.statusReason.text');
}

async function checkWithdrawal(task: ProposalTask, tx: Tx): Promise<Result<void>> {
  const { requester, enteredBy } = proposalOf(task);
  const asked = [requester, enteredBy].filter((one) => one !== undefined);
  for (const who of asked) if (await isOneself(who, tx.actor, tx)) return ok(undefined);
  // A coordinator's program that wrote it down takes it back for the family; a clinician answers it instead.
  if (tx.actor.kind !== 'user') return ok(undefined);
  const text = 'A proposal is taken back by who asked for it. Reject it with a reason instead.';
  return refuse(rule, text, 'Task.status');
}

async function isOwn(who: string, actor: Actor, tx: Tx, text: string): Promise<Result<void>> {
  const isTold = actor.kind !== 'user' && !isFamily(who);
  return isTold || (await isOneself(who, actor, tx)) ? ok(undefined) : refuse(rule, text, 'Task.output');
}

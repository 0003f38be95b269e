import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { OperationRequest } from '../../module.ts';
import { actorOf } from '../actor-of.ts';
import { currentOf } from '../stored.ts';
import { type Answer, toldProposal } from './asked-answer.ts';
import { named } from './caller.ts';
import { noMove } from './check-answer.ts';
import { isOpen, isProposalTask, type Opinion, opinionNote, type ProposalTask, part } from './proposal-task.ts';

/** Rejects a proposal, takes it back, or adds an opinion: the Task is held meanwhile, so that of two who speak at once none is lost. */
export async function say(request: OperationRequest, answer: Answer, clock: Clock): Promise<Result<Resource>> {
  const { store, principal, id = '' } = request;
  const said = await store.transact(actorOf(request), async (tx) => {
    await tx.hold([{ type: 'Task', id }]);
    const stored = await tx.readSeen('Task', id, visibilityOf(principal, 'r'));
    const task = currentOf(stored);
    if (!stored || !isProposalTask(task)) return fail('not-found', 'There is no such proposal here.');
    if (!(await tx.sees(visibilityOf(principal, 'u'), stored)))
      return fail('forbidden', 'The caller may read this proposal and not answer it.');
    const after = answered(task, answer, await named(tx, answer.who), clock.now());
    if (answer.answer !== 'opinion' && !isOpen(task)) return noMove(task.status, after.status);
    const written = await tx.update({ ...after });
    return written.ok ? ok(undefined) : written;
  });
  return said.ok ? toldProposal(request) : said;
}

/** The proposal with an answer to it. What is said is added to what others said before. */
export function answered(task: ProposalTask, said: Answer, who: r4.Reference, now: Date): ProposalTask {
  const { answer, text } = said;
  const opinion: Opinion = answer === 'opinion' ? (said.opinion ?? 'comment') : answer;
  const note = opinionNote({ who, opinion, text: text ?? words[opinion], at: now });
  const after: ProposalTask = { ...task, note: [...(task.note ?? []), note], lastModified: now.toISOString() };
  if (answer === 'opinion') return after;
  if (answer === 'withdraw') after.status = 'cancelled';
  else after.status = answer === 'accept' ? 'completed' : 'rejected';
  if (text !== undefined || answer === 'withdraw') after.statusReason = { text: text ?? words.withdraw };
  if (answer === 'withdraw') return after;
  after.output = [
    ...(task.output ?? []),
    { type: part('answer'), valueCode: answer },
    { type: part('answered-by'), valueReference: who },
  ];
  return after;
}

/** Where nothing was said besides. */
const words: Readonly<Record<Opinion, string>> = {
  accept: 'Accepted.',
  reject: 'Rejected.',
  withdraw: 'Taken back.',
  agree: 'Agrees.',
  disagree: 'Does not agree.',
  comment: '',
};

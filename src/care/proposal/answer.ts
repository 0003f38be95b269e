import { visibilityOf } from '../../access/decide.ts';
import type { Clock } from '../../base/clock.ts';
import { fail } from '../../base/errors.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Operation } from '../../module.ts';
import { currentOf } from '../stored.ts';
import { accept } from './accept.ts';
import { readAnswer } from './asked-answer.ts';
import { speakerOf } from './caller.ts';
import { isProposalTask, proposalOf } from './proposal-task.ts';
import { say } from './say.ts';

/**
 * `POST Task/[id]/$answer-proposal`: accepts a proposal, which makes the change in one transaction through every rule; rejects it with the reason why; says what
 * somebody thinks of it; or takes it back. Answers with the proposal as it is afterwards, which is also what tells the proposer.
 */
export function answerProposalOperation(clock: Clock): Operation {
  return {
    name: 'answer-proposal',
    definition: `${canonicalBase}/OperationDefinition/answer-proposal`,
    level: 'instance',
    resourceType: 'Task',
    affectsState: true,
    parameters: ['answer', 'reason', 'opinion', 'by', 'completed'],
    requires: [['Task', 'ru']],
    async handle(request) {
      const { store, principal, id = '' } = request;
      const task = currentOf(await store.readSeen('Task', id, visibilityOf(principal, 'r')));
      if (!isProposalTask(task)) return fail('not-found', 'There is no such proposal here.');
      const speaker = await speakerOf(principal, proposalOf(task).child ?? '', store);
      const asked = readAnswer(request, speaker);
      if (!asked.ok) return asked;
      return asked.value.answer === 'accept' ? accept(request, asked.value, clock) : say(request, asked.value, clock);
    },
  };
}

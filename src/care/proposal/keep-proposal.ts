import { ok } from '../../base/errors.ts';
import { isSync } from '../../store/sync-actor.ts';
import type { WriteCheck } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { isProposalTask } from './proposal-task.ts';

const rule = 'plan-change-kept';

/** What somebody asked for is not deleted: it is taken back or rejected, and stays; one that was written by mistake becomes entered-in-error first. */
export const keepProposal: WriteCheck = {
  name: rule,
  types: ['Task'],
  async check({ before, after }, tx) {
    if (after !== undefined || isSync(tx.actor) || !isProposalTask(before)) return ok(undefined);
    if (before.status === 'entered-in-error') return ok(undefined);
    return refuse(
      rule,
      'A proposal is not deleted. Take it back, or reject it with a reason: it stays visible.',
      'Task',
    );
  },
};

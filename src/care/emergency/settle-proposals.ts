import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { WriteConclusion } from '../../store/types.ts';
import { localId } from '../local-id.ts';
import { resourceOf } from '../stored.ts';
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
        const closed = await closeReviewTask(tx, stored.id, { status: 'completed' });
        if (!closed.ok) return closed;
      }
    }
    return ok(undefined);
  },
};

import { ok } from '../../../base/errors.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { closedTaskStates } from '../../../fhir/plan-view/actions.ts';
import type { WriteConclusion } from '../../../store/types.ts';
import { careTaskSystem } from '../question/question-task.ts';

/**
 * A child who waits is asked about every month: when the Task that told of one month is done, the next month begins (decision D9). The row is of the
 * referral; `escalation_id` names the Task that was done.
 */
export const recheckWaitlist: WriteConclusion = {
  name: 'waitlist-recheck',
  conclude: async (changes, tx) => {
    for (const { id, after, before, stored } of changes) {
      if (!isOfType(after, 'Task') || !isOfType(before, 'Task') || stored === undefined) continue;
      const isCheck = after.code?.coding?.some(
        ({ system, code }) => system === careTaskSystem && code === 'referral-overdue',
      );
      if (!isCheck || closedTaskStates.has(before.status) || !closedTaskStates.has(after.status)) continue;
      tx.atEnd(nextMonth, [id, new Date(stored.lastUpdated)]);
    }
    return ok(undefined);
  },
};

const nextMonth = `UPDATE task_clock SET checked_at = $2, due_at = $2::timestamptz + interval '30 days', escalation_id = NULL
  WHERE escalation_id = $1 AND state = 'waitlisted'`;

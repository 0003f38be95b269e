import type { r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { childOf } from '../child.ts';
import type { Standing } from './standing.ts';

/** Writes the row of task_clock of a Task with the commit. What told of a delay stays with the row as long as the Task stays where it was. */
export function putClock(
  tx: Pick<Tx, 'atEnd'>,
  task: r4.Task & { resourceType: 'Task' },
  standing: Standing,
  since: { enteredAt: Date; changedAt: Date },
): void {
  const { state, isReferral, requestId = null } = standing;
  const owner = task.owner?.reference ?? task.owner?.display ?? null;
  const due = standing.due(since.enteredAt) ?? null;
  const child = childOf({ ...task }) ?? null;
  tx.atEnd(upsert, [task.id, child, owner, isReferral, requestId, state, since.enteredAt, since.changedAt, due]);
}

export function removeClock(tx: Pick<Tx, 'atEnd'>, taskId: string): void {
  tx.atEnd('DELETE FROM task_clock WHERE task_id = $1', [taskId]);
}

const upsert = `INSERT INTO task_clock
    (task_id, patient_id, owner, is_referral, request_id, state, entered_at, changed_at, due_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (task_id) DO UPDATE SET patient_id = EXCLUDED.patient_id, owner = EXCLUDED.owner,
    is_referral = EXCLUDED.is_referral, request_id = EXCLUDED.request_id, state = EXCLUDED.state,
    entered_at = EXCLUDED.entered_at, changed_at = EXCLUDED.changed_at,
    due_at = CASE WHEN task_clock.state = 'waitlisted' AND EXCLUDED.state = 'waitlisted' AND task_clock.checked_at IS NOT NULL
      THEN task_clock.checked_at + interval '30 days' ELSE EXCLUDED.due_at END,
    checked_at = CASE WHEN task_clock.state = EXCLUDED.state THEN task_clock.checked_at END,
    escalation_id = CASE WHEN task_clock.state = EXCLUDED.state THEN task_clock.escalation_id END`;

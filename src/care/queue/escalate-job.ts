import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { JobHandler } from '../../module.ts';
import type { Actor, NewJob, Store, Tx } from '../../store/types.ts';
import type { CanonicalState } from '../referral/canonical-state.ts';
import { currentOf } from '../stored.ts';
import { putClock, removeClock } from './clock-row.ts';
import { standingOf } from './standing.ts';

export const escalateJobKind = 'care.escalate';

/** To be queued at start; it queues itself again and again. */
export const escalateJob: NewJob = { kind: escalateJobKind, key: 'all' };

const actor: Actor = { kind: 'system', id: 'queue', requestId: `job:${escalateJobKind}` };

/** What has to be done about a referral that stands in a state for too long, in words for whoever asked for it. */
const asks: Partial<Record<CanonicalState, string>> = {
  draft: 'The referral was written and not sent. Send it, or withdraw it.',
  sent: 'The referral was sent and nobody has answered. Ask whether it has arrived.',
  seen: 'The referral was seen and not answered. Ask for an answer.',
  'more-information': 'Who was asked waits for more information. Send it.',
  accepted: 'The referral was accepted and no date was made. Ask for one.',
  active: 'The referral is under way and nothing more was told. Ask how it stands.',
  scheduled: 'The day of the appointment is over, or unknown. Ask whether the child was there.',
  'no-show': 'The child was not at the appointment. Ask the family what was in the way, and make another.',
  'appointment-cancelled': 'The appointment was cancelled and there is no other. Make one.',
  'visit-done': 'The visit was held and there is no report. Ask for it.',
  waitlisted: 'The child is still on the waiting list. Talk with the family, and look for another place.',
  'cancel-requested': 'Cancellation was asked for and not confirmed. Ask for the confirmation.',
  completed: 'The referral was completed. Look at the outcome, change the plan by it and tell the family.',
  declined: 'The referral was declined. Ask somebody else.',
  failed: 'The referral failed. Ask somebody else.',
};

/**
 * Gives every overdue referral a Task, once for each time it stands somewhere too long. It is for whoever asked for the referral; without
 * one it is nobody's, and stands in the queue as that. The referral itself is never touched (decision D9).
 */
export const escalateOverdue: JobHandler = {
  kind: escalateJobKind,
  async run({ kind, key }, { store, clock }) {
    const begun = await startClocks(store);
    if (!begun.ok) return begun;
    const rows = await store.query<{ task_id: string }>(
      `SELECT task_id FROM task_clock WHERE is_referral AND due_at <= $1 AND escalation_id IS NULL
       ORDER BY due_at, task_id LIMIT $2`,
      [clock.now(), limits.care.escalationsAtOnce],
    );
    for (const { task_id: id } of rows) {
      const escalated = await store.transact(actor, (tx) => escalate(tx, id, clock));
      if (!escalated.ok) return escalated;
    }
    const hasMore = begun.value === limits.care.escalationsAtOnce || rows.length === limits.care.escalationsAtOnce;
    const runAt = hasMore ? clock.now() : new Date(clock.now().getTime() + limits.care.escalateEveryMs);
    return store.transact(actor, async (tx) => ok(await tx.enqueue({ kind, key, runAt })));
  },
};

async function escalate(tx: Tx, id: string, clock: Clock): Promise<Result<void>> {
  await tx.hold([{ type: 'Task', id }]);
  const [row] = await tx.own.query(
    'SELECT 1 FROM task_clock WHERE task_id = $1 AND due_at <= $2 AND escalation_id IS NULL FOR UPDATE',
    [id, clock.now()],
  );
  const task = row && currentOf(await tx.read('Task', id));
  if (!isOfType(task, 'Task')) return ok(undefined);
  const written = await tx.create(escalationOf(task, clock.now()));
  if (!written.ok) return written;
  tx.atEnd('UPDATE task_clock SET escalation_id = $2 WHERE task_id = $1', [id, written.value.stored.id]);
  return ok(undefined);
}

function escalationOf(task: Resource & r4.Task, now: Date): Resource {
  const text = asks[(standingOf(task)?.state ?? '') as CanonicalState] ?? 'Ask how the referral stands.';
  const escalation: r4.Task = {
    resourceType: 'Task',
    status: 'requested',
    intent: 'plan',
    priority: task.priority ?? 'routine',
    code: {
      coding: [{ system: `${canonicalBase}/CodeSystem/care-task`, code: 'referral-overdue' }],
      text: 'Referral overdue',
    },
    description: text,
    // What belongs together is seen together: the same labels as on the referral.
    ...(task.meta?.security && { meta: { security: task.meta.security } }),
    focus: { reference: `Task/${task.id}` },
    authoredOn: now.toISOString(),
    ...(task.for && { for: task.for }),
    ...(task.requester && { owner: task.requester }),
  };
  return { ...escalation };
}

/** Tasks from before there were clocks: since when they stand where they stand is taken from their last change. Answers how many. */
function startClocks(store: Store): Promise<Result<number>> {
  return store.transact<number>(actor, async (tx) => {
    const rows = await tx.own.query<{ task_id: string; changed_at: Date }>(
      'SELECT task_id, changed_at FROM task_clock WHERE state IS NULL ORDER BY task_id LIMIT $1 FOR UPDATE',
      [limits.care.escalationsAtOnce],
    );
    for (const { task_id: id, changed_at: changedAt } of rows) {
      const task = currentOf(await tx.read('Task', id));
      const standing = isOfType(task, 'Task') ? standingOf(task) : undefined;
      if (isOfType(task, 'Task') && standing) putClock(tx, task, standing, { enteredAt: changedAt, changedAt });
      else removeClock(tx, id);
    }
    return ok(rows.length);
  });
}

import type { Clock } from '../../../base/clock.ts';
import { ok, type Result } from '../../../base/errors.ts';
import { limits } from '../../../base/limits.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { addMonths, isOverdue, reviewDue } from '../../../fhir/plan-view/review.ts';
import { planReviewCode } from '../../../fhir/plan-view/sections/review.ts';
import type { Resource } from '../../../fhir/types.ts';
import type { JobHandler } from '../../../module.ts';
import type { NewJob, Reader, Tx } from '../../../store/types.ts';
import { childOf } from '../../child.ts';
import { putClock } from '../../queue/clock-row.ts';
import { standingOf } from '../../queue/standing.ts';
import { currentOf } from '../../stored.ts';
import { activePlanOf, lockPlan } from '../active-plan.ts';
import { careActor } from '../care-actor.ts';
import { holdRows, pastDue, removeRow, writeRow } from './review-row.ts';
import { openTasks, type Plan, reviewTask } from './review-task.ts';

export const reviewJobKind = 'care.plan-review';

/** To be queued at start; it queues itself again and again. */
export const planReviewJob: NewJob = { kind: reviewJobKind, key: 'all' };

/**
 * Gives every active plan past its day one Task, once until it is reviewed (S1.21). A review that somebody has asked for already is that Task. The
 * plan itself is never touched: past its day is derived (docs/decisions/care.md).
 */
export const askForReviews: JobHandler = {
  kind: reviewJobKind,
  async run({ kind, key }, { store, clock }) {
    const actor = careActor(`job:${reviewJobKind}`);
    const plans = await pastDue(store, dayOf(clock), limits.care.reviewsAtOnce);
    for (const planId of plans) {
      const asked = await store.transact(actor, (tx) => ask(tx, planId, clock));
      if (!asked.ok) return asked;
    }
    const wait = plans.length === limits.care.reviewsAtOnce ? 0 : limits.care.reviewEveryMs;
    const runAt = new Date(clock.now().getTime() + wait);
    return store.transact(actor, async (tx) => ok(await tx.enqueue({ kind, key, runAt })));
  },
};

async function ask(tx: Tx, planId: string, clock: Clock): Promise<Result<void>> {
  const plan = currentOf(await tx.read('CarePlan', planId));
  const child = childOf(plan);
  // In the order in which everybody else takes them.
  if (child !== undefined) await lockPlan(tx, child);
  const known = (await holdRows(tx, [planId])).get(planId);
  if (known === undefined || known.taskId !== undefined) return ok(undefined);
  if (child === undefined || !isOfType(plan, 'CarePlan') || (await activePlanOf(tx, child)) !== planId) {
    await removeRow(tx, planId);
    return ok(undefined);
  }
  const due = await dueOf(tx, plan, child, dayOf(clock));
  if (!isOverdue(due, dayOf(clock))) {
    await writeRow(tx, { ...known, due });
    return ok(undefined);
  }
  const open = await openTasks(tx, child, planId, planReviewCode);
  if (!open.ok) return open;
  const taskId = open.value[0]?.id ?? (await give(tx, await reviewTask(tx, plan, child, due, clock.now()), clock));
  if (typeof taskId !== 'string') return taskId;
  await writeRow(tx, { ...known, due, taskId });
  return ok(undefined);
}

/** A plan that says no day at all counts from the day it is first looked at. */
export async function dueOf(tx: Reader, plan: Plan, child: string, today: string): Promise<string> {
  const patient = currentOf(await tx.read('Patient', child));
  const { due } = reviewDue(plan, isOfType(patient, 'Patient') ? patient.birthDate : undefined);
  return due ?? addMonths(today, limits.care.reviewMonths);
}

async function give(tx: Tx, task: Resource, clock: Clock): Promise<string | (Result<void> & { ok: false })> {
  const written = await tx.create(task);
  if (!written.ok) return written;
  const { id } = written.value.stored;
  const given = { ...task, id };
  const standing = isOfType(given, 'Task') ? standingOf(given) : undefined;
  const since = { enteredAt: clock.now(), changedAt: clock.now() };
  if (isOfType(given, 'Task') && standing) putClock(tx, { ...given, id }, standing, since);
  return id;
}

export function dayOf(clock: Clock): string {
  return clock.now().toISOString().slice(0, 10);
}

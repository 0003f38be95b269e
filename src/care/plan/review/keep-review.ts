import type { Clock } from '../../../base/clock.ts';
import { ok, type Result } from '../../../base/errors.ts';
import { isMirror } from '../../../fhir/mirror.ts';
import { isOfType } from '../../../fhir/of-type.ts';
import { isOverdue, planReviewUrl, reviewExtension, reviewOf } from '../../../fhir/plan-view/review.ts';
import { coSignCode, planReviewCode } from '../../../fhir/plan-view/sections/review.ts';
import { isSharedPlan } from '../../../fhir/shared-plan.ts';
import type { r4 } from '../../../fhir/types.ts';
import type { Change, Tx, WriteConclusion } from '../../../store/types.ts';
import { childOf } from '../../child.ts';
import { localId } from '../../local-id.ts';
import { currentOf } from '../../stored.ts';
import { writeWithOrigin } from '../provenance.ts';
import { referenceKey } from '../references.ts';
import { dayOf, dueOf } from './review-job.ts';
import { holdRows, type ReviewRow, removeRow, writeRow } from './review-row.ts';
import { closeTask, hasCareCode, isOpen, type Plan, type Task } from './review-task.ts';

/**
 * Keeps, in the transaction of a plan or of a Task of its review, what belongs together: a review Task that was completed stands on the plan as its review, a
 * clinician who co-signed is one of its contributors, and the row says when the plan is due. A plan that was reviewed needs the Task no more that
 * asked for it; one that has ended neither.
 */
export function keepPlanReviews(clock: Clock): WriteConclusion {
  return {
    name: 'plan-review',
    async conclude(changes, tx) {
      const plans = new Set<string>();
      for (const change of lastOfEach(changes)) {
        const planId = isOfType(change.after, 'Task')
          ? await carryOver(change.after, change, tx, clock)
          : changed(change);
        if (typeof planId === 'object') return planId;
        if (planId !== undefined) plans.add(planId);
      }
      const rows = await holdRows(tx, [...plans]);
      for (const planId of [...plans].sort()) {
        const kept = await keepRow(planId, rows.get(planId), tx, clock);
        if (!kept.ok) return kept;
      }
      return ok(undefined);
    },
  };
}

function lastOfEach(changes: readonly Change[]): Change[] {
  const last = new Map<string, Change>();
  for (const change of changes) {
    if (change.type !== 'Task' && change.type !== 'CarePlan') continue;
    const key = `${change.type}/${change.id}`;
    const before = last.has(key) ? last.get(key)?.before : change.before;
    last.set(key, { ...change, ...(before === undefined ? {} : { before }) });
  }
  return [...last.values()];
}

/** A shared plan of ours of which something changed that its day depends on. */
function changed({ id, before, after }: Change): string | undefined {
  const plan = after ?? before;
  if (!isOfType(plan, 'CarePlan') || !isSharedPlan(plan) || isMirror(plan)) return undefined;
  return saysOf(before) === saysOf(after) ? undefined : id;
}

function saysOf(plan: unknown): string | undefined {
  if (plan === undefined) return undefined;
  const { status, period, created, extension } = plan as r4.CarePlan;
  return JSON.stringify([status, period?.start, created, reviewOf({ extension })]);
}

/** What a completed review or co-signature says, written to the plan. Answers the plan whose row is to be looked at. */
async function carryOver(
  task: Task,
  { before }: Change,
  tx: Tx,
  clock: Clock,
): Promise<string | undefined | (Result<void> & { ok: false })> {
  if (task.status !== 'completed' || (isOfType(before, 'Task') && before.status === 'completed')) return undefined;
  const isReview = hasCareCode(task, planReviewCode);
  if (!isReview && !hasCareCode(task, coSignCode)) return undefined;
  const planId = localId(task.focus, 'CarePlan');
  const plan = planId === undefined ? undefined : currentOf(await tx.read('CarePlan', planId));
  if (!isOfType(plan, 'CarePlan') || !isSharedPlan(plan) || childOf(plan) !== childOf(task)) return undefined;
  const next = isReview ? withReview(plan, task, clock) : withContributor(plan, task.owner);
  if (next === plan) return planId;
  const onBehalfOf = tx.actor.kind === 'user' ? tx.actor.id : undefined;
  const origin = { sources: [{ reference: `Task/${task.id}` }], ...(onBehalfOf !== undefined && { onBehalfOf }) };
  const written = await writeWithOrigin(tx, next, origin, clock);
  return written.ok ? planId : written;
}

/** A review that is newer than the one the plan knows. The day is that of the Task, and not later than today. */
function withReview(plan: Plan, task: Task, clock: Clock): Plan {
  const today = dayOf(clock);
  const said = (task.executionPeriod?.end ?? task.lastModified ?? today).slice(0, 10);
  const held = said.length === 10 && said < today ? said : today;
  const known = reviewOf(plan);
  if (known !== undefined && known.held >= held) return plan;
  const review = { held, agreed: [], copyTo: known?.copyTo ?? [] };
  const extension = reviewExtension(
    known?.copyGiven === undefined ? review : { ...review, copyGiven: known.copyGiven },
  );
  return { ...plan, extension: [...(plan.extension ?? []).filter(({ url }) => url !== planReviewUrl), extension] };
}

function withContributor(plan: Plan, owner: r4.Reference | undefined): Plan {
  const reference = owner?.reference;
  const known = new Set((plan.contributor ?? []).map(referenceKey));
  if (reference === undefined || known.has(reference)) return plan;
  return { ...plan, contributor: [...(plan.contributor ?? []), { reference }] };
}

async function keepRow(planId: string, known: ReviewRow | undefined, tx: Tx, clock: Clock): Promise<Result<void>> {
  const plan = currentOf(await tx.read('CarePlan', planId));
  const child = childOf(plan);
  if (!isOfType(plan, 'CarePlan') || child === undefined || plan.status !== 'active') {
    if (known !== undefined) await removeRow(tx, planId);
    const why = { status: 'cancelled', statusReason: { text: 'The plan is not in force any more.' } } as const;
    return settle(known?.taskId, why, tx);
  }
  const due = await dueOf(tx, plan, child, dayOf(clock));
  const overdue = isOverdue(due, dayOf(clock));
  if (known?.due === due && overdue) return ok(undefined);
  const row = { planId, patientId: child, due };
  await writeRow(tx, overdue && known?.taskId !== undefined ? { ...row, taskId: known.taskId } : row);
  if (overdue) return ok(undefined);
  const held = reviewOf(plan)?.held ?? dayOf(clock);
  return settle(known?.taskId, { status: 'completed', executionPeriod: { end: held } }, tx);
}

async function settle(taskId: string | undefined, end: Partial<r4.Task>, tx: Tx): Promise<Result<void>> {
  const task = taskId === undefined ? undefined : currentOf(await tx.read('Task', taskId));
  return isOfType(task, 'Task') && isOpen(task) ? closeTask(tx, task, end) : ok(undefined);
}

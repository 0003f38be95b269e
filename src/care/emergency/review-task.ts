import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { closedTaskStates } from '../../fhir/plan-view/actions.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { putClock, removeClock } from '../queue/clock-row.ts';
import { standingOf } from '../queue/standing.ts';
import { currentOf } from '../stored.ts';
import { responsibleFor } from './people-of.ts';
import type { PlanState } from './state-row.ts';
import { careTaskSystem, reviewTaskCode } from './terms.ts';
import type { Reason, ReasonCode } from './triggers.ts';

const dayMs = 24 * 3_600_000;

/** Why, in words for a coordinator; never which drug or which admission. */
const because: Record<ReasonCode, string> = {
  admission: 'the child was admitted or seen in an emergency department',
  device: 'a device was added, changed or taken away',
  drug: 'there is a new drug',
  weight: 'the weight has changed by more than a tenth',
  'infant-month': 'an infant’s plan is checked every month',
  'six-months': 'six months are over',
  'planned-review': 'the day that was planned for it has come',
};

/** Sees to it that one open Task asks for the check, and says all reasons. Answers its id. */
export async function askForReview(
  tx: Tx,
  state: PlanState,
  reasons: readonly Reason[],
  now: Date,
): Promise<Result<string>> {
  const description = descriptionOf(reasons);
  const known = state.taskId === undefined ? undefined : currentOf(await tx.read('Task', state.taskId));
  if (isOfType(known, 'Task') && !closedTaskStates.has(known.status)) {
    if (known.description === description) return ok(known.id ?? '');
    const told = await tx.update({ ...known, description });
    return told.ok ? ok(known.id ?? '') : told;
  }
  const { lead } = await responsibleFor(tx, state.patientId);
  const task: r4.Task = {
    resourceType: 'Task',
    status: 'requested',
    intent: 'plan',
    priority: 'urgent',
    code: { coding: [{ system: careTaskSystem, code: reviewTaskCode }], text: 'Check the emergency plan again' },
    description,
    focus: { reference: `CarePlan/${state.planId}` },
    for: { reference: `Patient/${state.patientId}` },
    authoredOn: now.toISOString(),
    restriction: { period: { end: new Date(now.getTime() + limits.care.emergencyReviewDays * dayMs).toISOString() } },
    ...(lead && { owner: lead }),
  };
  return createTask(tx, { ...task }, now);
}

/** A Task that the house itself gives, with its row in the work queue. */
export async function createTask(tx: Tx, task: Resource, now: Date): Promise<Result<string>> {
  const written = await tx.create(task);
  if (!written.ok) return written;
  const { id } = written.value.stored;
  const given = { ...task, id };
  const standing = isOfType(given, 'Task') ? standingOf(given) : undefined;
  if (isOfType(given, 'Task') && standing) putClock(tx, { ...given, id }, standing, { enteredAt: now, changedAt: now });
  return ok(id);
}

function descriptionOf(reasons: readonly Reason[]): string {
  const said = [...new Set(reasons.map(({ code }) => because[code]))];
  return `The emergency plan is to be checked again: ${said.join('; ')}. Go through it with the family, change what has to be changed, and complete this Task.`;
}

/** Closes the Task that asked for a check which was held, or is not needed any more. Whoever closed it before has done so already. */
export async function closeReviewTask(
  tx: Tx,
  taskId: string | undefined,
  end: { status: 'completed' } | { status: 'cancelled'; why: string },
): Promise<Result<void>> {
  const task = taskId === undefined ? undefined : currentOf(await tx.read('Task', taskId));
  if (!isOfType(task, 'Task') || closedTaskStates.has(task.status)) return ok(undefined);
  const reason = end.status === 'cancelled' ? { statusReason: { text: end.why } } : {};
  const written = await tx.update({ ...task, status: end.status, ...reason });
  if (written.ok) removeClock(tx, task.id ?? '');
  return written.ok ? ok(undefined) : written;
}

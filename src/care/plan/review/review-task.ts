import { ok, type Result } from '../../../base/errors.ts';
import { isOfType, ofType, type Typed } from '../../../fhir/of-type.ts';
import { closedTaskStates } from '../../../fhir/plan-view/actions.ts';
import { careTaskSystem, planReviewCode } from '../../../fhir/plan-view/sections/review.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Reader, Tx } from '../../../store/types.ts';
import { localId } from '../../local-id.ts';
import { resourcesOfChild } from '../../of-child.ts';
import { removeClock } from '../../queue/clock-row.ts';
import { resourceOf } from '../../stored.ts';
import { leadOf } from '../../team/participants.ts';

export type Task = Resource & Typed<'Task'>;
export type Plan = Resource & Typed<'CarePlan'>;

/** True for a Task of this care-task code whose focus is the plan. */
export function isAbout(task: r4.Task, code: string, planId: string): boolean {
  return hasCareCode(task, code) && localId(task.focus, 'CarePlan') === planId;
}

export function hasCareCode(task: r4.Task, code: string): boolean {
  return task.code?.coding?.some((one) => one.system === careTaskSystem && one.code === code) === true;
}

export function isOpen({ status }: r4.Task): boolean {
  return !closedTaskStates.has(status);
}

/** The child's open Tasks of this code about the plan, oldest first. */
export async function openTasks(reader: Reader, child: string, planId: string, code: string): Promise<Result<Task[]>> {
  const found = await resourcesOfChild(reader, child, ['Task']);
  if (!found.ok) return found;
  return ok(ofType(found.value, 'Task').filter((task) => isAbout(task, code, planId) && isOpen(task)));
}

/** The Task that asks for a review: for whoever is accountable for the plan, else for the lead coordinator, else nobody's. */
export async function reviewTask(tx: Reader, plan: Plan, child: string, due: string, now: Date): Promise<Resource> {
  const owner = plan.author ?? (await leadFor(tx, child));
  const task: r4.Task = {
    resourceType: 'Task',
    status: 'requested',
    intent: 'plan',
    priority: 'routine',
    code: { coding: [{ system: careTaskSystem, code: planReviewCode }], text: 'Review of the shared plan' },
    description: `The shared plan was to be gone through by ${due}. Go through it with the family, and record the review.`,
    // What belongs together is seen together.
    ...(plan.meta?.security && { meta: { security: plan.meta.security } }),
    focus: { reference: `CarePlan/${plan.id}` },
    for: { reference: `Patient/${child}` },
    authoredOn: now.toISOString(),
    ...(owner && { owner }),
  };
  return { ...task };
}

async function leadFor(tx: Reader, child: string): Promise<r4.Reference | undefined> {
  const teams = (await tx.recordsOf([child], ['CareTeam'])).map(({ stored }) => resourceOf(stored));
  const leads = teams.flatMap((team) =>
    isOfType(team, 'CareTeam') && (team.status === undefined || team.status === 'active') ? (leadOf(team) ?? []) : [],
  );
  const reference = leads[0]?.member?.reference;
  return reference === undefined ? undefined : { reference };
}

/** Closes a Task that the house gave, with its row in the work queue. Whoever closed it before has done so already. */
export async function closeTask(tx: Tx, task: Task, end: Partial<r4.Task>): Promise<Result<void>> {
  if (!isOpen(task)) return ok(undefined);
  const written = await tx.update({ ...task, ...end });
  if (written.ok) removeClock(tx, task.id ?? '');
  return written.ok ? ok(undefined) : written;
}

import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import type { Typed } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import type { Tx } from '../../store/types.ts';
import { closedTask } from '../referral/states.ts';
import {
  activitySystem,
  businessStatusFor,
  type HospitalActivity,
  hospitalActivities,
  hospitalStatus,
  taskStatusFor,
} from './hospital-activity.ts';
import type { Known } from './known.ts';
import { writeWithOrigin } from './provenance.ts';
import { referenceTo } from './references.ts';

type Task = Resource & Typed<'Task'>;

export const reviewNote =
  'The hospital plan no longer lists this activity as current. Please check with the family whether it still holds.';

/**
 * Gives each written-out activity of an active hospital plan a Task of ours, once, and follows the hospital's status as long
 * as nobody here has set another. An activity that is gone from there leaves its Task, with a note asking for review.
 * Answers all the child's Tasks as they are afterwards.
 */
export async function keepActivities(tx: Tx, known: Known, clock: Clock): Promise<Result<Task[]>> {
  const tasks = new Map(known.tasks.map((task) => [task.id ?? '', task]));
  const current = new Set<string>();
  for (const plan of known.hospitalPlans.filter(({ status }) => status === 'active')) {
    for (const activity of hospitalActivities(plan)) {
      current.add(activity.key);
      const existing = known.tasks.find((task) => activityKey(task) === activity.key || task.id === activity.task.id);
      const kept = existing ? await follow(tx, plan, existing, activity, clock) : await add(tx, plan, activity, clock);
      if (!kept.ok) return kept;
      tasks.set(kept.value.id ?? '', kept.value);
    }
  }
  for (const task of known.tasks) {
    const key = activityKey(task);
    if (key === undefined || current.has(key) || closedTask.has(task.status)) continue;
    const noted = await askForReview(tx, task, clock);
    if (!noted.ok) return noted;
  }
  return ok([...tasks.values()]);
}

function activityKey(task: r4.Task): string | undefined {
  return task.identifier?.find(({ system }) => system === activitySystem)?.value;
}

async function add(tx: Tx, plan: r4.CarePlan, activity: HospitalActivity, clock: Clock): Promise<Result<Task>> {
  // A Task that someone deleted on purpose is not brought back.
  const before = await tx.read('Task', activity.task.id ?? '');
  const task: Task = { ...activity.task };
  if (before !== undefined) return ok({ ...task, status: 'cancelled' });
  const written = await writeWithOrigin(tx, task, originOf(plan, activity), clock);
  return written.ok ? ok(task) : written;
}

/** The hospital's new status becomes the Task's, unless people here moved the Task on; then only what the hospital says is noted. */
async function follow(
  tx: Tx,
  plan: r4.CarePlan,
  task: Task,
  activity: HospitalActivity,
  clock: Clock,
): Promise<Result<Task>> {
  const said = hospitalStatus(activity.task) ?? 'unknown';
  const saidBefore = hospitalStatus(task);
  if (said === saidBefore) return ok(task);
  const next: Task = { ...task, businessStatus: businessStatusFor(said) };
  if (task.status === taskStatusFor(saidBefore)) next.status = taskStatusFor(said);
  const written = await writeWithOrigin(tx, next, originOf(plan, activity), clock);
  return written.ok ? ok(next) : written;
}

function originOf(plan: r4.CarePlan, activity: HospitalActivity) {
  return { sources: [referenceTo(plan)], quotation: activity.text };
}

async function askForReview(tx: Tx, task: Task, clock: Clock): Promise<Result<void>> {
  if (task.note?.some(({ text }) => text === reviewNote)) return ok(undefined);
  const note = [...(task.note ?? []), { authorString: 'Careweave', text: reviewNote }];
  const written = await writeWithOrigin(tx, { ...task, note }, { sources: task.basedOn ?? [] }, clock);
  return written.ok ? ok(undefined) : written;
}

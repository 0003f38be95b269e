import { createHash } from 'node:crypto';
import { stableId } from '../../base/ids.ts';
import { plain, stringifyJson } from '../../fhir/json.ts';
import { conceptText } from '../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../fhir/types.ts';

/** Identifies the Task made from one activity: `<mirrored plan id>#<hash of the detail>`. */
export const activitySystem = 'urn:careweave:activity';
const activityStatusSystem = 'http://hl7.org/fhir/care-plan-activity-status';
const pertainsToGoal = 'http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal';

/** One `activity.detail` of a hospital's plan, and the Task that stands for it in the shared plan (decision D2). */
export interface HospitalActivity {
  /** The value of the Task's identifier. */
  key: string;
  /** The detail as the hospital sent it, digit for digit. */
  text: string;
  task: r4.Task;
}

const taskStatus: Record<string, r4.Task['status']> = {
  'not-started': 'ready',
  scheduled: 'ready',
  'in-progress': 'in-progress',
  'on-hold': 'on-hold',
  completed: 'completed',
  cancelled: 'cancelled',
  stopped: 'cancelled',
  unknown: 'ready',
  'entered-in-error': 'entered-in-error',
};

export function taskStatusFor(activityStatus: string | undefined): r4.Task['status'] {
  return taskStatus[activityStatus ?? 'unknown'] ?? 'ready';
}

/** What the hospital last said of the activity; kept in Task.businessStatus. */
export function hospitalStatus(task: r4.Task): string | undefined {
  return task.businessStatus?.coding?.find(({ system }) => system === activityStatusSystem)?.code;
}

export function businessStatusFor(activityStatus: string): r4.CodeableConcept {
  return { coding: [{ system: activityStatusSystem, code: activityStatus }] };
}

/** The activities of a mirrored plan that are written out in `detail`. */
export function hospitalActivities(plan: r4.CarePlan): HospitalActivity[] {
  const seen = new Map<string, number>();
  return (plan.activity ?? []).flatMap(({ detail }) => {
    if (detail === undefined) return [];
    const hash = identityHash(detail);
    const count = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, count);
    // The same words twice in one plan are two activities.
    const key = `${plan.id ?? ''}#${hash}${count === 1 ? '' : `.${count}`}`;
    return [{ key, text: stringifyJson(detail), task: taskOf(plan, plain(detail), key) }];
  });
}

/** Its state is not what an activity is: a hospital that marks it completed has not made a new one. */
function identityHash({ status: _, statusReason: __, ...what }: r4.CarePlanActivityDetail): string {
  return createHash('sha256').update(stringifyJson(what)).digest('hex').slice(0, 32);
}

/** The Task that stands for an activity written out in a plan; its state is kept in businessStatus as it was told. */
export function taskOf(plan: r4.CarePlan, detail: r4.CarePlanActivityDetail, key: string): r4.Task {
  const status = detail.status ?? 'unknown';
  const task: r4.Task = {
    resourceType: 'Task',
    id: stableId('activity', key),
    identifier: [{ system: activitySystem, value: key }],
    basedOn: [{ reference: `CarePlan/${plan.id ?? ''}` }],
    status: taskStatusFor(status),
    businessStatus: businessStatusFor(status),
    intent: plan.intent === 'order' ? 'order' : 'plan',
    description: descriptionOf(detail),
    for: plan.subject,
  };
  // An activity has no date of its own: it dates from its plan.
  const authoredOn = plan.created ?? plan.period?.start;
  if (authoredOn !== undefined) task.authoredOn = authoredOn;
  // Task has no way to say "do not", so then only the words speak: the code alone would mean the opposite.
  if (detail.code !== undefined && detail.doNotPerform !== true) task.code = detail.code;
  if (detail.scheduledPeriod !== undefined) task.executionPeriod = detail.scheduledPeriod;
  const [owner] = detail.performer ?? [];
  if (owner !== undefined) task.owner = owner;
  const [reason] = detail.reasonReference ?? [];
  if (reason !== undefined) task.reasonReference = reason;
  const [reasonCode] = detail.reasonCode ?? [];
  if (reasonCode !== undefined) task.reasonCode = reasonCode;
  if (detail.location !== undefined) task.location = detail.location;
  if (detail.goal !== undefined && detail.goal.length > 0) {
    task.extension = detail.goal.map((goal) => ({ url: pertainsToGoal, valueReference: goal }));
  }
  return task;
}

function descriptionOf(detail: r4.CarePlanActivityDetail): string {
  const words = detail.description ?? conceptText(detail.code) ?? detail.kind ?? 'Activity of a hospital plan';
  return detail.doNotPerform === true ? `Do not: ${words}` : words;
}

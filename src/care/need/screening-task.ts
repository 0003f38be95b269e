import { isOfType } from '../../fhir/of-type.ts';
import { closedTaskStates } from '../../fhir/plan-view/actions.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';

const system = `${canonicalBase}/CodeSystem/care-task`;
export const screeningTaskCode = 'screening-due';
export const screeningPlan = `${canonicalBase}/PlanDefinition/social-needs-screening`;

export type ScreeningTask = Resource & r4.Task & { resourceType: 'Task' };

/** The Task that asks for the screenings of a child which are overdue. */
export function isScreeningTask(resource: Resource | undefined): resource is ScreeningTask {
  return (
    isOfType(resource, 'Task') &&
    resource.code?.coding?.some((one) => one.system === system && one.code === screeningTaskCode) === true
  );
}

export const isOpenTask = ({ status }: Pick<r4.Task, 'status'>) => !closedTaskStates.has(status);

/** The forms that it asks for, as canonicals. */
export function formsIn({ input = [] }: Pick<r4.Task, 'input'>): string[] {
  return input.flatMap(({ valueCanonical }) => valueCanonical ?? []);
}

/** A new one. It says which forms, and nothing of what was answered before. Pure. */
export function screeningTask(of: {
  child: string;
  forms: readonly string[];
  owner: string | undefined;
  now: Date;
  until: Date;
}): r4.Task & { resourceType: 'Task' } {
  const { child, forms, owner, now, until } = of;
  return {
    resourceType: 'Task',
    instantiatesCanonical: screeningPlan,
    status: 'requested',
    intent: 'plan',
    priority: 'routine',
    code: { coding: [{ system, code: screeningTaskCode }], text: 'Ask the family' },
    description: 'Ask the family what they need: the forms are due. Answering them completes this Task.',
    for: { reference: `Patient/${child}` },
    authoredOn: now.toISOString(),
    ...(owner !== undefined && { owner: { reference: owner } }),
    restriction: { period: { end: until.toISOString() } },
    input: inputsFor(forms),
  };
}

export function inputsFor(forms: readonly string[]): r4.TaskInput[] {
  return forms.map((valueCanonical) => ({ type: { text: 'Form' }, valueCanonical }));
}

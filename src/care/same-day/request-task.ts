import { isOfType } from '../../fhir/of-type.ts';
import { closedTaskStates } from '../../fhir/plan-view/actions.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';

const system = `${canonicalBase}/CodeSystem/care-task`;
const requestCode = 'same-day-request';
const unansweredCode = 'same-day-unanswered';

type Task = Resource & r4.Task & { resourceType: 'Task' };

function isOfCode(resource: Resource | undefined, code: string): resource is Task {
  return (
    isOfType(resource, 'Task') &&
    resource.code?.coding?.some((one) => one.system === system && one.code === code) === true
  );
}

export const isSameDayRequest = (resource: Resource | undefined): resource is Task => isOfCode(resource, requestCode);
export const isUnanswered = (resource: Resource | undefined): resource is Task => isOfCode(resource, unansweredCode);
export const isOpenTask = ({ status }: Pick<r4.Task, 'status'>) => !closedTaskStates.has(status);

export const offered: r4.CodeableConcept = { text: 'Offered' };

/** What was offered: `Appointment/id`. */
export function offerIn({ output = [] }: Pick<r4.Task, 'output'>): string | undefined {
  return output.find(({ type }) => type.text === offered.text)?.valueReference?.reference;
}

export interface Asked {
  child: string;
  requester: string;
  reason: string;
  owner: r4.Reference | undefined;
  now: Date;
  due: Date;
}

export function requestTask({ child, requester, reason, owner, now, due }: Asked): Task {
  return {
    resourceType: 'Task',
    status: 'requested',
    // What a family asks for is a wish until somebody says yes (docs/privacy.md).
    intent: 'proposal',
    priority: 'urgent',
    code: { coding: [{ system, code: requestCode }], text: 'Appointment wanted today' },
    description: reason,
    for: { reference: `Patient/${child}` },
    requester: { reference: requester },
    authoredOn: now.toISOString(),
    restriction: { period: { end: due.toISOString() } },
    ...(owner && { owner }),
  };
}

/** Tells somebody that nobody has answered. */
export function unansweredTask(request: Task, owner: r4.Reference | undefined, now: Date): Task {
  return {
    resourceType: 'Task',
    ...(request.meta?.security && { meta: { security: request.meta.security } }),
    status: 'requested',
    intent: 'plan',
    priority: 'asap',
    code: { coding: [{ system, code: unansweredCode }], text: 'Same-day request unanswered' },
    description:
      'The family asked for an appointment today, and nobody has offered one or said why there is none. Speak with them now, then answer the request.',
    focus: { reference: `Task/${request.id}` },
    ...(request.for && { for: request.for }),
    authoredOn: now.toISOString(),
    restriction: { period: { end: now.toISOString() } },
    ...(owner && { owner }),
  };
}

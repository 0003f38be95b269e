import { isOfType } from '../../../fhir/of-type.ts';
import { careTaskSystem, coSignCode } from '../../../fhir/plan-view/sections/review.ts';
import type { Resource, r4 } from '../../../fhir/types.ts';
import type { Reader } from '../../../store/types.ts';
import { localId } from '../../local-id.ts';
import { currentOf } from '../../stored.ts';
import type { Plan } from './review-task.ts';

/** The Task by which the primary care clinician is asked to sign the plan too (S1.16). */
export function coSignTask(plan: Plan, child: string, owner: r4.Reference, now: Date): Resource {
  const task: r4.Task = {
    resourceType: 'Task',
    status: 'requested',
    intent: 'plan',
    priority: 'routine',
    code: { coding: [{ system: careTaskSystem, code: coSignCode }], text: 'Co-sign the shared plan' },
    description:
      'Please read the shared plan of care ($document; the first section is one screen) and complete this Task to sign it too.',
    ...(plan.meta?.security && { meta: { security: plan.meta.security } }),
    focus: { reference: `CarePlan/${plan.id}` },
    for: { reference: `Patient/${child}` },
    authoredOn: now.toISOString(),
    owner,
  };
  return { ...task };
}

/** The person behind a reference to a Practitioner or to one of their roles. */
export async function practitionerOf(reader: Reader, reference: r4.Reference | undefined): Promise<string | undefined> {
  const roleId = localId(reference, 'PractitionerRole');
  const role = roleId === undefined ? undefined : currentOf(await reader.read('PractitionerRole', roleId));
  const person = isOfType(role, 'PractitionerRole') ? role.practitioner : reference;
  const id = localId(person, 'Practitioner');
  return id === undefined ? undefined : `Practitioner/${id}`;
}

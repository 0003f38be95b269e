import { isMirror } from '../../../fhir/mirror.ts';
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

const npiSystem = 'http://hl7.org/fhir/sid/us-npi';

/**
 * True when who is signed in (`Type/id`) is this clinician: the same record, or the record that their hospital's EHR sent of its user, with the same National
 * Provider Identifier. What an EHR sent nobody can write here, so nobody gives themselves another's number.
 */
export async function isSamePerson(reader: Reader, signedIn: string | undefined, clinician: string): Promise<boolean> {
  if (signedIn === undefined) return false;
  if (signedIn === clinician) return true;
  const person = await practitionerRecord(reader, await practitionerOf(reader, { reference: signedIn }));
  if (person === undefined || !isMirror(person)) return false;
  const numbers = new Set(numbersOf(person));
  return numbersOf(await practitionerRecord(reader, clinician)).some((number) => numbers.has(number));
}

async function practitionerRecord(reader: Reader, reference: string | undefined) {
  const id = localId({ reference }, 'Practitioner');
  const found = id === undefined ? undefined : currentOf(await reader.read('Practitioner', id));
  return isOfType(found, 'Practitioner') ? found : undefined;
}

function numbersOf(person: r4.Practitioner | undefined): string[] {
  return (person?.identifier ?? []).flatMap(({ system, value }) => (system === npiSystem && value ? [value] : []));
}

import type { Resource } from '../../fhir/types.ts';

/** Elements that say whom a record is about. Elsewhere patients merely take part: as performer, recipient, payor. */
const about = ['subject', 'patient', 'for', 'beneficiary'] as const;

const patientReference = /(?:^|\/)Patient\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/.+)?$/;

/** The patients that a record is about, as ids: its own of a Patient, none of a record about nobody. */
export function ownersOf(resource: Resource): string[] {
  if (resource.resourceType === 'Patient') return resource.id === undefined ? [] : [resource.id];
  const ids = new Set<string>();
  const take = (reference: unknown) => {
    if (typeof reference !== 'object' || reference === null || !('reference' in reference)) return;
    const id = patientReference.exec(String(reference.reference))?.[1];
    if (id !== undefined) ids.add(id);
  };
  for (const element of about) {
    const value = resource[element];
    if (Array.isArray(value)) value.forEach(take);
    else take(value);
  }
  if (resource.resourceType === 'Appointment' && Array.isArray(resource.participant)) {
    for (const participant of resource.participant) take(participant?.actor);
  }
  return [...ids];
}

/** True for a Patient that was merged into another: counting it would count the child twice. */
export function isReplaced({ link }: Resource): boolean {
  return Array.isArray(link) && link.some((entry: { type?: unknown } | null) => entry?.type === 'replaced-by');
}

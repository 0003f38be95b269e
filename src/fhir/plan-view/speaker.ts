import { isObject } from '../search/walk-path.ts';
import type { Resource, r4 } from '../types.ts';

/** The element in which a record names who says it. */
const speakers: Readonly<Record<string, readonly string[]>> = {
  AllergyIntolerance: ['asserter', 'recorder'],
  CarePlan: ['author'],
  Communication: ['sender'],
  Condition: ['asserter', 'recorder'],
  Consent: ['performer'],
  DeviceRequest: ['requester'],
  DeviceUseStatement: ['source'],
  DocumentReference: ['author'],
  Flag: ['author'],
  Goal: ['expressedBy'],
  Immunization: ['performer'],
  MedicationRequest: ['requester'],
  MedicationStatement: ['informationSource'],
  Observation: ['performer'],
  Procedure: ['asserter', 'performer'],
  ServiceRequest: ['requester'],
  Task: ['requester'],
};

export function speakerOf(resource: Resource): r4.Reference | undefined {
  for (const name of speakers[resource.resourceType] ?? []) {
    const given: unknown = resource[name];
    const first: unknown = Array.isArray(given) ? given[0] : given;
    if (!isObject(first)) continue;
    return isObject(first.actor) ? (first.actor as r4.Reference) : (first as r4.Reference);
  }
  return undefined;
}

/** The words are those of the child or of somebody of the family. */
export function isFamily(reference: r4.Reference | undefined): boolean {
  return (
    /^(Patient|RelatedPerson)\//.test(reference?.reference ?? '') ||
    /^(Patient|RelatedPerson)$/.test(reference?.type ?? '')
  );
}

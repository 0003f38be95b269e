import { isOfType } from '../../fhir/of-type.ts';
import type { Resource } from '../../fhir/types.ts';

/** The date that a record states of itself; when it was stored here says nothing about a hospital's record. */
export function statedDate(resource: Resource): string | undefined {
  if (isOfType(resource, 'MedicationRequest') || isOfType(resource, 'ServiceRequest')) return resource.authoredOn;
  if (isOfType(resource, 'MedicationStatement')) {
    return resource.dateAsserted ?? resource.effectiveDateTime ?? resource.effectivePeriod?.start;
  }
  if (isOfType(resource, 'AllergyIntolerance')) return resource.recordedDate ?? resource.onsetDateTime;
  if (isOfType(resource, 'Condition')) return resource.recordedDate ?? resource.onsetDateTime;
  if (isOfType(resource, 'Goal')) return resource.statusDate ?? resource.startDate;
  if (isOfType(resource, 'Task')) return resource.lastModified ?? resource.authoredOn;
  return undefined;
}

import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';

export const endingReasonSystem = `${canonicalBase}/CodeSystem/ending-reason`;

/** Where FHIR has no element for it (Goal, Condition). */
export const endingReasonUrl = `${canonicalBase}/StructureDefinition/ending-reason`;
/** FHIR R4's own extensions of a request and of a goal. */
export const requestReasonUrl = 'http://hl7.org/fhir/StructureDefinition/request-statusReason';
const goalRejectedUrl = 'http://hl7.org/fhir/StructureDefinition/goal-reasonRejected';
const needWithdrawnUrl = `${canonicalBase}/StructureDefinition/need-withdrawn`;

const extensionsOf: Record<string, readonly string[]> = {
  ServiceRequest: [requestReasonUrl],
  Goal: [endingReasonUrl, goalRejectedUrl],
  Condition: [endingReasonUrl, needWithdrawnUrl],
};

/** Why it ended, as it says itself. */
export function reasonsOf(resource: Resource): r4.CodeableConcept[] {
  if (resource.resourceType === 'Task')
    return resource.statusReason ? [resource.statusReason as r4.CodeableConcept] : [];
  const urls = extensionsOf[resource.resourceType] ?? [];
  const extensions: r4.Extension[] = Array.isArray(resource.extension) ? resource.extension : [];
  return extensions
    .filter(({ url }) => urls.includes(url))
    .flatMap((one) => one.valueCodeableConcept ?? (one.valueCoding ? { coding: [one.valueCoding] } : []));
}

export function isCoded({ coding = [] }: r4.CodeableConcept): boolean {
  return coding.some(({ system, code }) => system !== undefined && code !== undefined);
}

/** Where the reason of this type goes, for the text of a refusal. */
export function placeOf(type: string): string {
  if (type === 'Task') return 'Task.statusReason';
  return `the extension ${extensionsOf[type]?.[0] ?? endingReasonUrl}`;
}

import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { endingReasonSystem, requestReasonUrl } from '../queue/ending-reason.ts';
import { fulfillsReferral } from '../referral/states.ts';

const duplicate: r4.CodeableConcept = { coding: [{ system: endingReasonSystem, code: 'duplicate' }] };

/** A Task or request of ours, ended because another record stands for it. */
export function endedAsDuplicate(resource: Resource): Resource {
  if (isOfType(resource, 'Task')) return { ...resource, status: 'cancelled', statusReason: duplicate };
  if (!isOfType(resource, 'ServiceRequest')) return resource;
  const reason = { url: requestReasonUrl, valueCodeableConcept: duplicate };
  return { ...resource, status: 'revoked', extension: [...(resource.extension ?? []), reason] };
}

/** Somebody was asked: that ends by the moves of a referral, so that they are told. */
export function isReferral(resource: Resource): boolean {
  return isOfType(resource, 'Task') && fulfillsReferral(resource);
}

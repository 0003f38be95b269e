import type { Resource, r4 } from './types.ts';

/** The FHIR type with this `resourceType`, e.g. `Typed<'Goal'>`. */
export type Typed<T extends r4.FhirResource['resourceType']> = Extract<r4.FhirResource, { resourceType: T }>;

/**
 * Narrows a resource by its `resourceType`. The elements are those that validation let through; decimals may still be
 * raw JSON numbers (json.ts), so never compute with them or print them without `plain`.
 */
export function isOfType<T extends r4.FhirResource['resourceType']>(
  resource: Resource | undefined,
  type: T,
): resource is Resource & Typed<T> {
  return resource?.resourceType === type;
}

/** All resources of one type, in the order given. */
export function ofType<T extends r4.FhirResource['resourceType']>(
  resources: readonly Resource[],
  type: T,
): (Resource & Typed<T>)[] {
  return resources.filter((resource) => isOfType(resource, type));
}

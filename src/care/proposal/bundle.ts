import type { Resource } from '../../fhir/types.ts';
import { newLine } from './wanted-change.ts';

/**
 * A transaction that creates some resources and updates others as they were read: whoever changed one of them meanwhile makes the whole fail with 412. Of what is
 * created the first is known to the others as `newLine`, the next ones by the fullUrl that they are given.
 */
export function bundleOf({ created = [], updated }: { created?: Resource[]; updated: readonly Resource[] }): Resource {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      ...created.map((resource, at) => ({
        fullUrl: urnOf(at),
        resource,
        request: { method: 'POST', url: resource.resourceType },
      })),
      ...updated.map((resource) => ({
        resource,
        request: {
          method: 'PUT',
          url: `${resource.resourceType}/${resource.id ?? ''}`,
          ifMatch: `W/"${resource.meta?.versionId ?? ''}"`,
        },
      })),
    ],
  };
}

/** The fullUrl of what is created in this place. */
export function urnOf(at: number): string {
  return at === 0 ? newLine : `urn:uuid:7c1b2a60-5f0e-4c83-9f4e-${String(at).padStart(12, '0')}`;
}

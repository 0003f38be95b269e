import type { Resource } from '../../fhir/types.ts';
import type { Personality } from '../personality.ts';

/** The resource with the category its vendor puts on every resource of the type; unchanged where there is none, or it has it. */
export function withVendorCategory(resource: Resource, personality: Personality): Resource {
  const coding = personality.categories[resource.resourceType];
  const present: unknown[] = Array.isArray(resource.category) ? resource.category : [];
  if (!coding || JSON.stringify(present).includes(`"${coding.code}"`)) return resource;
  return { ...resource, category: [...present, { coding: [coding] }] };
}

import { parseJson } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';
import type { Stored } from '../store/types.ts';

/** The resource of a stored version. What the store holds was a valid resource when it was written. */
export function resourceOf(stored: Stored): Resource {
  return parseJson(stored.json) as Resource;
}

/** Undefined when there never was one, or when it is deleted. */
export function currentOf(stored: Stored | undefined): Resource | undefined {
  return stored === undefined || stored.deleted ? undefined : resourceOf(stored);
}

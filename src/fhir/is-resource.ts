import { isObject } from './search/walk-path.ts';
import type { Resource } from './types.ts';

/** True for a JSON object that says of what resource type it is: the least that a resource has. */
export function isResource(value: unknown): value is Resource {
  return isObject(value) && typeof value.resourceType === 'string' && value.resourceType !== '';
}

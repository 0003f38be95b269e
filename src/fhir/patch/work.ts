import type { Schema, Shape } from '../validate/schema.ts';
import { isObject } from './pointer.ts';

export const patchTypes = ['add', 'insert', 'delete', 'replace', 'move'] as const;

/** One operation of a FHIRPath Patch. `value` is its part as it came: what it means depends on the element. */
export interface PatchOperation {
  type: (typeof patchTypes)[number];
  path: string;
  name?: string;
  value?: Record<string, unknown>;
  index?: number;
  source?: number;
  destination?: number;
}

/** What the operations work on. */
export interface PatchWork {
  resource: Record<string, unknown>;
  schema: Schema;
  /** Lists and objects that lost something. */
  emptied: Set<unknown>;
}

/** The shape of what stands at a place: a resource, a datatype, or the inside of an element. */
export function shapeAt({ resource, schema }: PatchWork, place: readonly (string | number)[]): Shape | undefined {
  let value: unknown = resource;
  let shape = schema.resource(String(resource.resourceType));
  for (const key of place) {
    value = Array.isArray(value) ? value[Number(key)] : isObject(value) ? value[key] : undefined;
    if (typeof key === 'number') {
      if (isObject(value) && typeof value.resourceType === 'string') shape = schema.resource(value.resourceType);
      continue;
    }
    const inside = shape?.fields.get(key)?.inside;
    if (inside === 'Resource') shape = isObject(value) ? schema.resource(String(value.resourceType)) : undefined;
    else shape = inside === undefined ? undefined : schema.shape(inside);
  }
  return shape;
}

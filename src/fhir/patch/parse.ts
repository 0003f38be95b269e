import { fail, ok, type Result } from '../../base/errors.ts';
import { isResource } from '../is-resource.ts';
import type { Resource } from '../types.ts';
import type { Schema } from '../validate/schema.ts';
import { parseFhirPathPatch } from './fhirpath-patch.ts';
import { parseJsonPatch } from './json-patch.ts';

/** What makes a resource into its next version. It does not change the one it is given. */
export type Patch = (resource: Resource) => Result<Resource>;

/**
 * Reads a JSON Patch (a list) or a FHIRPath Patch (a Parameters resource). Errors of reading are `invalid`; errors of applying
 * are `unprocessable` (R4, http.html#patch). Who a resource is cannot be patched; everything else is for the validation.
 */
export function parsePatch(body: unknown, schema: Schema): Result<Patch> {
  const change = Array.isArray(body) ? parseJsonPatch(body) : parseFhirPathPatch(body, schema);
  if (!change.ok) return change;
  return ok((resource) => {
    const changed = change.value(resource);
    if (!changed.ok) return changed;
    const { value } = changed;
    if (!isResource(value) || value.resourceType !== resource.resourceType || value.id !== resource.id)
      return fail('unprocessable', 'A patch cannot change the type or the id of a resource.', {
        code: 'business-rule',
      });
    return ok(value);
  });
}

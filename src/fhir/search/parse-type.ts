import { fail, ok, type Result } from '../../base/errors.ts';
import type { Definitions } from '../definitions.ts';

type Params = readonly (readonly [name: string, value: string])[];

/**
 * The types that `_type=A,B` names, each once, and the other parameters (FHIR R4, search.html#all). `types` is undefined without
 * `_type`. Error `invalid`: a name that is no type, or `_type` twice.
 */
export function namedTypes(
  definitions: Definitions,
  params: Params,
): Result<{ types: readonly string[] | undefined; rest: Params }> {
  const given = params.filter(([name]) => name === '_type');
  const rest = params.filter(([name]) => name !== '_type');
  const [only, ...others] = given;
  if (!only) return ok({ types: undefined, rest });
  if (others.length > 0) return fail('invalid', "Search parameter '_type' may be given once.");
  const types = [...new Set(only[1].split(',').map((type) => type.trim()))];
  if (types.every((type) => definitions.types.has(type))) return ok({ types, rest });
  return fail('invalid', "Search parameter '_type' takes resource types of FHIR R4, separated by commas.", {
    code: 'value',
  });
}

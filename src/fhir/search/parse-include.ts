import { fail, ok, type Result } from '../../base/errors.ts';
import type { Definitions } from '../definitions.ts';
import type { Include } from './query.ts';

/** `Type:param[:target]`, `Type:*[:target]` or `*` (FHIR R4, search.html#include). `name` is the parameter as written, for errors. */
export function parseInclude(
  definitions: Definitions,
  name: string,
  modifier: string | undefined,
  value: string,
): Result<Include> {
  if (modifier !== undefined && modifier !== 'iterate' && modifier !== 'recurse') {
    return fail('invalid', `Search parameter '${name}' has no modifier ':${modifier}'; it has ':iterate'.`);
  }
  const iterate = modifier !== undefined;
  const [sourceType = '', code = '', targetType, ...more] = value.split(':');
  if (value === '*') return ok({ sourceType: '*', param: '*', iterate });
  if (!definitions.types.has(sourceType) || code === '' || more.length > 0) {
    return fail('invalid', `Search parameter '${name}' takes Type:parameter, Type:parameter:target or Type:*.`, {
      code: 'value',
    });
  }
  if (targetType !== undefined && !definitions.types.has(targetType)) {
    return fail('invalid', `Search parameter '${name}' names a target type that FHIR R4 does not have.`, {
      code: 'value',
    });
  }
  const param = code === '*' ? '*' : definitions.searchParams(sourceType).get(code);
  if (param === undefined || (param !== '*' && param.kind !== 'reference')) {
    return fail('invalid', `Search parameter '${name}' names no reference parameter of ${sourceType}.`, {
      code: 'value',
    });
  }
  return ok(targetType === undefined ? { sourceType, param, iterate } : { sourceType, param, targetType, iterate });
}

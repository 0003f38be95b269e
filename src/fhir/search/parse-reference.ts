import { fail, ok, type Result } from '../../base/errors.ts';
import type { Definitions } from '../definitions.ts';
import { parseReference } from '../references.ts';
import type { SearchParam, SearchValue } from './query.ts';

const bareId = /^[A-Za-z0-9\-.]{1,64}$/;

/**
 * `id`, `Type/id`, an absolute URL or a canonical (FHIR R4, search.html#reference). URLs under our own base become local
 * references. `typeModifier` is the type of `subject:Patient=…`.
 */
export function parseReferenceValue(
  param: SearchParam,
  typeModifier: string | undefined,
  text: string,
  context: { definitions: Definitions; baseUrl: string },
): Result<SearchValue> {
  if (bareId.test(text)) {
    const [only, ...others] = param.targets ?? [];
    const type = typeModifier ?? (others.length === 0 ? only : undefined);
    return ok(type === undefined ? { kind: 'reference', id: text } : { kind: 'reference', type, id: text });
  }
  const parsed = parseReference(text, context.baseUrl);
  if (parsed?.kind === 'local') {
    const { type, id, version } = parsed;
    if (!context.definitions.types.has(type)) {
      return fail('invalid', `Search parameter '${param.code}' names a resource type that FHIR R4 does not have.`, {
        code: 'value',
      });
    }
    if (typeModifier !== undefined && type !== typeModifier) {
      return fail('invalid', `Search parameter '${param.code}:${typeModifier}' takes references to ${typeModifier}.`, {
        code: 'value',
      });
    }
    return ok(version === undefined ? { kind: 'reference', type, id } : { kind: 'reference', type, id, version });
  }
  if (parsed?.kind === 'absolute' || parsed?.kind === 'urn') return ok({ kind: 'reference', url: text });
  return fail('invalid', `Search parameter '${param.code}' takes an id, Type/id or an absolute URL.`, {
    code: 'value',
  });
}

import { fail, ok, type Result } from '../../base/errors.ts';
import { splitEscaped } from './escapes.ts';
import type { SearchParam, SearchValue } from './query.ts';

/**
 * `a$b`, each part in the grammar of its own parameter; `\$` is no separator (FHIR R4, search.html#composite). `parsePart` parses one.
 * Error `invalid` names the composite parameter.
 */
export function parseCompositeValue(
  param: SearchParam,
  raw: string,
  parsePart: (param: SearchParam, raw: string) => Result<SearchValue>,
): Result<SearchValue> {
  const shape = param.composite;
  if (!shape) {
    return fail('invalid', `Search by composite parameters ('${param.code}') is not supported.`, {
      code: 'not-supported',
    });
  }
  const given = splitEscaped(raw, '$');
  if (given.length !== shape.parts.length) {
    const kinds = shape.parts.map(({ kind }) => kind).join('$');
    return fail('invalid', `Search parameter '${param.code}' takes ${shape.parts.length} parts: ${kinds}.`, {
      code: 'value',
    });
  }
  const parts: SearchValue[] = [];
  for (const [place, part] of shape.parts.entries()) {
    const parsed = parsePart(part, given[place] ?? '');
    if (!parsed.ok) {
      const text = `Part ${place + 1} of search parameter '${param.code}': ${parsed.error.issues[0]?.text ?? ''}`;
      return fail('invalid', text, { code: parsed.error.issues[0]?.code ?? 'value' });
    }
    parts.push(parsed.value);
  }
  return ok({ kind: 'composite', parts });
}

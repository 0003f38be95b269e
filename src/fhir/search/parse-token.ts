import { fail, ok, type Result } from '../../base/errors.ts';
import type { Definitions } from '../definitions.ts';
import { splitEscaped, unescapeValue } from './escapes.ts';
import { tokenCase } from './index-tokens.ts';
import { typesOf } from './modifiers.ts';
import type { SearchParam, SearchValue } from './query.ts';

/**
 * `code`, `system|code`, `|code` (no system) or `system|` (any code of it); FHIR R4, search.html#token. The system of an element
 * of type `code` is the one of its required value set: asked for with that system it is asked for without one.
 */
export function tokenValue(param: SearchParam, raw: string, definitions: Definitions): Result<SearchValue> {
  const parts = tokenParts(raw);
  if (!parts) {
    return fail('invalid', `Search parameter '${param.code}' takes code, system|code, |code or system|.`, {
      code: 'value',
    });
  }
  const { system, code } = parts;
  if (code === undefined) return ok({ kind: 'token', ...parts });
  const [type = '', ...others] = new Set(typesOf(param));
  if (
    others.length === 0 &&
    type === 'code' &&
    system !== undefined &&
    definitions.codesOf(param)?.get(system)?.has(code)
  )
    return ok({ kind: 'token', code });
  return ok({ kind: 'token', ...parts, code: others.length === 0 ? tokenCase(param.code, type, code) : code });
}

/** The parts of a token; undefined when it is none. */
export function tokenParts(raw: string): { system?: string; code?: string } | undefined {
  const [first = '', second, ...more] = splitEscaped(raw, '|').map(unescapeValue);
  if (more.length > 0 || (first === '' && (second ?? '') === '')) return undefined;
  if (second === undefined) return { code: first };
  return second === '' ? { system: first } : { system: first, code: second };
}

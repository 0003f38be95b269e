import { type Err, fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { splitEscaped } from './escapes.ts';
import { refuseModifier } from './modifiers.ts';
import type { CriterionContext } from './parse-context.ts';
import { parseValue } from './parse-value.ts';
import type { Filter, SearchParam } from './query.ts';

/** `code`, `code:modifier`: one parameter of the type itself, its values alternatives. Error `invalid`. */
export function parseFilter(context: CriterionContext, type: string, name: string, value: string): Result<Filter> {
  const { definitions, baseUrl } = context;
  const [code, modifier] = splitName(name);
  const param = definitions.searchParams(type).get(code);
  if (!param) return unknownParameter(type, code);
  const refused = modifier === undefined ? undefined : refuseModifier(definitions, param, modifier);
  if (refused) return refused;
  const alternatives = splitEscaped(value, ',');
  const most = param.kind === 'composite' ? limits.search.maxPairs : limits.search.maxOrValues;
  if (alternatives.length > most) return tooManyValues(param, most);
  context.cost.values += alternatives.length;
  if (context.cost.values > limits.search.maxValues) {
    return fail('invalid', `A search may have ${limits.search.maxValues} values.`, { code: 'too-costly' });
  }
  const filter: Filter = { kind: 'filter', param, values: [] };
  if (modifier !== undefined) filter.modifier = modifier;
  for (const alternative of alternatives) {
    const parsed = parseValue(param, modifier, alternative, { definitions, baseUrl });
    if (!parsed.ok) return parsed;
    filter.values.push(parsed.value);
  }
  return ok(filter);
}

function tooManyValues({ code }: SearchParam, most: number): Err {
  const text = `Search parameter '${code}' may have ${most} values.`;
  return fail('invalid', text, { code: 'too-costly' });
}

/** `code:modifier` → its two parts; the modifier is all that follows the first colon. */
export function splitName(name: string): [code: string, modifier?: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name] : [name.slice(0, colon), name.slice(colon + 1)];
}

/** A name is repeated to the client only when it has the shape of one: values do end up in the wrong place. */
export function shownName(code: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(code) ? ` '${code}'` : ' of that name';
}

/** The error whose issue code `not-found` says that the type does not know the parameter. */
export function unknownParameter(type: string, code: string): Err {
  return fail('invalid', `${type} has no search parameter${shownName(code)}.`, { code: 'not-found' });
}

export function notSupported(text: string): Err {
  return fail('invalid', text, { code: 'not-supported' });
}

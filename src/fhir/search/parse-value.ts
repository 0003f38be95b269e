import { fail, ok, type Result } from '../../base/errors.ts';
import { dateRange } from '../date-range.ts';
import type { Definitions } from '../definitions.ts';
import { unescapeValue } from './escapes.ts';
import { normalizeText } from './normalize.ts';
import { parseCompositeValue } from './parse-composite.ts';
import { parseModified } from './parse-modified.ts';
import { parseNearValue } from './parse-near.ts';
import { parseNumberValue } from './parse-number.ts';
import { parseQuantityValue } from './parse-quantity.ts';
import { parseReferenceValue } from './parse-reference.ts';
import { tokenValue } from './parse-token.ts';
import type { Prefix, SearchParam, SearchValue } from './query.ts';

export interface ValueContext {
  definitions: Definitions;
  baseUrl: string;
}

/** One alternative of a filter, escapes still in it. The text of an error names the parameter, never the value. */
export function parseValue(
  param: SearchParam,
  modifier: string | undefined,
  raw: string,
  context: ValueContext,
): Result<SearchValue> {
  if (modifier === 'missing') return missingValue(param, raw);
  if (raw === '') return fail('invalid', `Search parameter '${param.code}' has an empty value.`, { code: 'value' });
  // No record can hold it; taken away, what is left could be the beginning of everything.
  if (raw.includes('\u0000')) {
    return fail('invalid', `Search parameter '${param.code}' has a value with the character U+0000.`, {
      code: 'value',
    });
  }
  const modified = parseModified(param, modifier, raw, context);
  if (modified) return modified;
  switch (param.kind) {
    case 'token':
      return tokenValue(param, raw, context.definitions);
    case 'reference':
      return parseReferenceValue(param, modifier, unescapeValue(raw), context);
    case 'string':
      return stringValue(param, modifier, unescapeValue(raw));
    case 'date':
      return dateValue(param, raw);
    case 'uri':
      return ok({ kind: 'uri', uri: unescapeValue(raw) });
    case 'number':
      return parseNumberValue(param, raw);
    case 'quantity':
      return parseQuantityValue(param, raw, context.definitions.ucum);
    case 'composite':
      return parseCompositeValue(param, raw, (part, text) => parseValue(part, undefined, text, context));
    case 'special':
      // `near` of Location, the only one.
      return parseNearValue(param, raw, context.definitions.ucum);
  }
}

function missingValue(param: SearchParam, raw: string): Result<SearchValue> {
  if (raw === 'true' || raw === 'false') return ok({ kind: 'missing', missing: raw === 'true' });
  return fail('invalid', `'${param.code}:missing' takes true or false.`, { code: 'value' });
}

function stringValue(param: SearchParam, modifier: string | undefined, text: string): Result<SearchValue> {
  if (modifier === 'exact') return ok({ kind: 'string', text });
  const normalized = normalizeText(text);
  if (normalized !== '') return ok({ kind: 'string', text: normalized });
  return fail('invalid', `Search parameter '${param.code}' has an empty value.`, { code: 'value' });
}

function isPrefix(text: string | undefined): text is Prefix {
  return text !== undefined && ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'].includes(text);
}

function dateValue(param: SearchParam, raw: string): Result<SearchValue> {
  const [, prefix, text = ''] = /^([a-z]{2})?(.*)$/s.exec(raw) ?? [];
  const range = dateRange(text);
  if (range && (prefix === undefined || isPrefix(prefix))) {
    return ok({ kind: 'date', prefix: prefix ?? 'eq', start: range.start, end: range.end });
  }
  return fail(
    'invalid',
    `Search parameter '${param.code}' takes a date such as 2024, 2024-05, 2024-05-31 or 2024-05-31T10:00:00Z, ` +
      'with one of the prefixes eq, ne, gt, lt, ge, le, sa, eb, ap.',
    { code: 'value' },
  );
}

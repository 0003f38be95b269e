import { type Err, fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Definitions } from '../definitions.ts';
import { parseReference, splitCanonical } from '../references.ts';
import { beginningsBelow, type Divided, isDivided, textsAbove } from './beginnings.ts';
import { splitEscaped, unescapeValue } from './escapes.ts';
import { mimeBase } from './index-forms.ts';
import { typesOf } from './modifiers.ts';
import { normalizeText } from './normalize.ts';
import { parseReferenceValue } from './parse-reference.ts';
import { tokenParts } from './parse-token.ts';
import type { SearchParam, SearchValue } from './query.ts';

interface Context {
  definitions: Definitions;
  baseUrl: string;
}

type Parse = (param: SearchParam, modifier: string, raw: string, context: Context) => Result<SearchValue>;

/** The modifiers whose values have a form, or a meaning, of their own. Others change only how the value is looked for. */
const parsers: Readonly<Record<string, Parse>> = {
  'token:text': textValue,
  'token:in': valueSet,
  'token:not-in': valueSet,
  'token:above': concept,
  'token:below': concept,
  'token:of-type': identifierOfType,
  'reference:identifier': identifierOfReference,
  'reference:above': hierarchy,
  'reference:below': hierarchyOrCanonical,
  'uri:above': uriAbove,
  'uri:below': uriBelow,
};

/**
 * One alternative of a filter with a modifier that changes what the value is, escapes still in it; undefined for other modifiers. The
 * text of an error names the parameter, never the value.
 */
export function parseModified(
  param: SearchParam,
  modifier: string | undefined,
  raw: string,
  context: Context,
): Result<SearchValue> | undefined {
  if (modifier === undefined) return undefined;
  const name = `${param.kind}:${modifier}`;
  return Object.hasOwn(parsers, name) ? parsers[name]?.(param, modifier, raw, context) : undefined;
}

function refuse(param: SearchParam, modifier: string, takes: string): Err {
  return fail('invalid', `'${param.code}:${modifier}' takes ${takes}.`, { code: 'value' });
}

/** Starts with, like any string search (FHIR R4, search.html#token, `:text`). */
function textValue(param: SearchParam, modifier: string, raw: string): Result<SearchValue> {
  const text = normalizeText(unescapeValue(raw));
  return text === '' ? refuse(param, modifier, 'the beginning of a text') : ok({ kind: 'string', text });
}

/** A ValueSet here (`ValueSet/id`, also as a URL under our base), or its canonical URL. */
function valueSet(param: SearchParam, modifier: string, raw: string, { baseUrl }: Context): Result<SearchValue> {
  const parsed = parseReference(unescapeValue(raw), baseUrl);
  if (parsed?.kind === 'local' && parsed.type === 'ValueSet' && parsed.version === undefined) {
    return ok({ kind: 'value-set', id: parsed.id });
  }
  if (parsed?.kind === 'absolute' || parsed?.kind === 'urn') {
    return ok({ kind: 'value-set', canonical: unescapeValue(raw) });
  }
  return refuse(param, modifier, 'the canonical URL of a value set, or ValueSet/id');
}

/** `system|code`; for `:below` also a MIME type, below which the same with parameters lies (FHIR R4, search.html#mimetype). */
function concept(param: SearchParam, modifier: string, raw: string): Result<SearchValue> {
  const { system = '', code } = tokenParts(raw) ?? {};
  if (code !== undefined && system === '' && modifier === 'below' && typesOf(param).includes('code')) {
    const base = mimeBase(code);
    // Below a type with parameters is nothing but itself.
    if (base !== undefined && base !== code) return ok({ kind: 'token', code });
    if (base !== undefined) return ok({ kind: 'forms', any: [{ form: 'mime', parts: [base] }] });
  }
  if (code === undefined || system === '') return refuse(param, modifier, 'system|code');
  return ok({ kind: 'concept', system, code });
}

/** `system|code|value`: an identifier with a type of that code; all three are needed. */
function identifierOfType(param: SearchParam, modifier: string, raw: string): Result<SearchValue> {
  const parts = splitEscaped(raw, '|').map(unescapeValue);
  if (parts.length !== 3 || parts.includes('')) return refuse(param, modifier, 'system|code|value, all three');
  const { maxBoundedLength } = limits.search;
  if ((parts[2] ?? '').length > maxBoundedLength) {
    const text = `'${param.code}:${modifier}' takes a value of ${maxBoundedLength} characters at most.`;
    return fail('invalid', text, { code: 'too-costly' });
  }
  return ok({ kind: 'forms', any: [{ form: 'of-type', parts }] });
}

/** The identifier of a reference, asked for like any token (FHIR R4, search.html#reference). */
function identifierOfReference(param: SearchParam, modifier: string, raw: string): Result<SearchValue> {
  const { system, code } = tokenParts(raw) ?? {};
  if (code !== undefined && system !== undefined) {
    return ok({ kind: 'forms', any: [{ form: 'identifier-pair', parts: [system, code] }] });
  }
  if (code !== undefined) return ok({ kind: 'forms', any: [{ form: 'identifier-code', parts: [code] }] });
  if (system !== undefined) return ok({ kind: 'forms', any: [{ form: 'identifier-system', parts: [system] }] });
  return refuse(param, modifier, 'value, system|value, |value or system|');
}

/** Types whose resources are parts of each other, in a strict hierarchy, and the parameter that says of which. */
export const partOf: Readonly<Record<string, string>> = {
  Encounter: 'part-of',
  Location: 'partof',
  Organization: 'partof',
};

/** A resource of a type that has parts (FHIR R4, search.html#recursive). */
function hierarchy(param: SearchParam, modifier: string, raw: string, context: Context): Result<SearchValue> {
  const parsed = parseReferenceValue(param, undefined, unescapeValue(raw), context);
  if (!parsed.ok) return parsed;
  const takes = `Type/id, of a resource here that may be part of another: ${Object.keys(partOf).join(', ')}`;
  if (parsed.value.kind !== 'reference') return refuse(param, modifier, takes);
  const { type, id, version } = parsed.value;
  if (type === undefined || id === undefined || version !== undefined || !Object.hasOwn(partOf, type)) {
    return refuse(param, modifier, takes);
  }
  return ok({ kind: 'hierarchy', type, id });
}

/** A canonical in the versions that begin with the given one, or in any; else as `hierarchy`. */
function hierarchyOrCanonical(
  param: SearchParam,
  modifier: string,
  raw: string,
  context: Context,
): Result<SearchValue> {
  const text = unescapeValue(raw);
  const kind = parseReference(text, context.baseUrl)?.kind;
  const isCanonical = typesOf(param).some((type) => type === 'canonical' || type === 'uri');
  if (!isCanonical || (kind !== 'absolute' && kind !== 'urn')) return hierarchy(param, modifier, raw, context);
  const { version } = splitCanonical(text);
  if (version === undefined) return ok({ kind: 'reference', url: text });
  return version === '' ? refuse(param, modifier, 'url or url|version') : below(param, modifier, text, 'version');
}

function uriBelow(param: SearchParam, modifier: string, raw: string): Result<SearchValue> {
  const asked = unescapeValue(raw);
  // R4 gives neither modifier to URNs.
  return isDivided(asked, 'url') ? below(param, modifier, asked, 'url') : refuse(param, modifier, 'an absolute URL');
}

function below(param: SearchParam, modifier: string, asked: string, divided: Divided): Result<SearchValue> {
  const parts = beginningsBelow(asked, divided);
  if (!parts) return tooLong(param, modifier);
  const any = parts.map((part) => ({ form: 'below' as const, parts: [part] }));
  return ok({ kind: 'forms', any: [{ form: 'url', parts: [asked] }, ...any] });
}

function uriAbove(param: SearchParam, modifier: string, raw: string): Result<SearchValue> {
  const asked = unescapeValue(raw);
  if (!isDivided(asked, 'url')) return refuse(param, modifier, 'an absolute URL');
  const texts = textsAbove(asked, 'url');
  if (!texts) return tooLong(param, modifier);
  return ok({ kind: 'forms', any: texts.map((text) => ({ form: 'url', parts: [text] })) });
}

function tooLong(param: SearchParam, modifier: string): Err {
  return fail('invalid', `The URL of '${param.code}:${modifier}' has too many parts.`, { code: 'too-costly' });
}

import { type Err, fail, type Issue, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Definitions } from '../definitions.ts';
import { splitEscaped } from './escapes.ts';
import { refuseModifier } from './modifiers.ts';
import { controls, repeatableControls } from './parse-controls.ts';
import { parseValue } from './parse-value.ts';
import type { Filter, SearchQuery } from './query.ts';

export interface ParseOptions {
  /** strict: what is not understood is an error; lenient: it is left out and named in `ignored`. */
  handling: 'strict' | 'lenient';
  /** Our own base, so that absolute references under it are known as local ones. */
  baseUrl: string;
}

export interface ParsedSearch {
  query: SearchQuery;
  /** Names (with modifier) of the parameters left out. */
  ignored: string[];
}

/** Not about the search itself. */
const notSearch = new Set(['_format', '_pretty']);

/** FHIR R4 defines these too; they are refused by name until they are answered. */
const unsupported = new Set([
  '_has',
  '_filter',
  '_text',
  '_content',
  '_query',
  '_list',
  '_type',
  '_contained',
  '_containedType',
  '_score',
]);

/**
 * Parses the parameters of a search on one type, names and values already URL-decoded (FHIR R4, search.html).
 * Errors are `invalid`; each issue names its parameter and never repeats a value.
 */
export function parseSearch(
  definitions: Definitions,
  type: string,
  params: readonly (readonly [name: string, value: string])[],
  options: ParseOptions,
): Result<ParsedSearch> {
  if (!definitions.types.has(type))
    return fail('not-found', 'FHIR R4 has no such resource type.', { code: 'not-supported' });
  if (params.length > limits.search.maxParameters) {
    return fail('invalid', `A search may have ${limits.search.maxParameters} parameters.`, { code: 'too-costly' });
  }
  const query: SearchQuery = {
    type,
    filters: [],
    includes: [],
    revincludes: [],
    sort: [],
    count: limits.search.defaultCount,
    total: 'none',
  };
  const ignored: string[] = [];
  const issues: Issue[] = [];
  const seen = new Set<string>();
  for (const [name, value] of params) {
    if (notSearch.has(name)) continue;
    const parsed = parseOne(definitions, query, seen, name, value, options.baseUrl);
    if (parsed.ok) continue;
    // A bound holds whatever the handling: leaving the parameter out would widen the search.
    const isBound = parsed.error.issues.some(({ code }) => code === 'too-costly');
    if (options.handling === 'lenient' && !isBound) ignored.push(name);
    else issues.push(...parsed.error.issues);
  }
  if (issues.length > 0) return { ok: false, error: { kind: 'invalid', issues } };
  if (query.summary === 'count') {
    query.count = 0;
    query.total = 'accurate';
  }
  return ok({ query, ignored });
}

function parseOne(
  definitions: Definitions,
  query: SearchQuery,
  seen: Set<string>,
  name: string,
  value: string,
  baseUrl: string,
): Result<void> {
  const [code = '', modifier] = splitName(name);
  const control = Object.hasOwn(controls, code) ? controls[code] : undefined;
  if (!control) {
    const filter = parseFilter(definitions, query.type, code, modifier, value, baseUrl);
    if (!filter.ok) return filter;
    query.filters.push(filter.value);
    return ok(undefined);
  }
  if (modifier !== undefined && !code.endsWith('include')) {
    return fail('invalid', `Search parameter '${code}' has no modifiers.`);
  }
  if (seen.has(code) && !repeatableControls.has(code)) {
    return fail('invalid', `Search parameter '${code}' may be given once.`);
  }
  seen.add(code);
  return control({ definitions, query, modifier }, value);
}

function splitName(name: string): [code: string, modifier?: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name] : [name.slice(0, colon), name.slice(colon + 1)];
}

function parseFilter(
  definitions: Definitions,
  type: string,
  code: string,
  modifier: string | undefined,
  value: string,
  baseUrl: string,
): Result<Filter> {
  if (unsupported.has(code)) return notSupported(`Search parameter '${code}' is not supported.`);
  const param = definitions.searchParams(type).get(code);
  if (!param) return unknownParameter(definitions, type, code);
  if (modifier?.includes('.')) return notSupported(`Chained search ('${code}') is not supported.`);
  if (
    param.kind === 'composite' ||
    param.kind === 'special' ||
    (!canFilter.has(param.kind) && modifier !== 'missing')
  ) {
    return notSupported(`Search by ${param.kind} parameters ('${code}') is not supported.`);
  }
  const refused = modifier === undefined ? undefined : refuseModifier(definitions, param, modifier);
  if (refused) return refused;
  const alternatives = splitEscaped(value, ',');
  if (alternatives.length > limits.search.maxOrValues) {
    return fail('invalid', `Search parameter '${code}' may have ${limits.search.maxOrValues} values.`, {
      code: 'too-costly',
    });
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

const canFilter: ReadonlySet<string> = new Set(['token', 'reference', 'string', 'date', 'uri']);

function unknownParameter(definitions: Definitions, type: string, code: string): Err {
  const [first = ''] = code.split('.');
  if (code.includes('.') && definitions.searchParams(type).get(first)?.kind === 'reference') {
    return notSupported(`Chained search ('${first}') is not supported.`);
  }
  // A name is repeated to the client only when it has the shape of one: values do end up in the wrong place.
  const shown = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(code) ? ` '${code}'` : ' of that name';
  return fail('invalid', `${type} has no search parameter${shown}.`, { code: 'not-found' });
}

function notSupported(text: string): Err {
  return fail('invalid', text, { code: 'not-supported' });
}

import { fail, type Issue, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Definitions } from '../definitions.ts';
import type { CriterionContext } from './parse-context.ts';
import { controls, repeatableControls } from './parse-controls.ts';
import { parseCriterion } from './parse-criterion.ts';
import { splitName } from './parse-filter.ts';
import type { SearchQuery } from './query.ts';

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
  const { baseUrl } = options;
  const context = { definitions, baseUrl, depth: 0, cost: { joins: 0 }, criterion: parseCriterion };
  const ignored: string[] = [];
  const issues: Issue[] = [];
  const seen = new Set<string>();
  for (const [name, value] of params) {
    if (notSearch.has(name)) continue;
    const parsed = parseOne(context, query, seen, name, value);
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
  context: CriterionContext,
  query: SearchQuery,
  seen: Set<string>,
  name: string,
  value: string,
): Result<void> {
  const [code, modifier] = splitName(name);
  const control = Object.hasOwn(controls, code) ? controls[code] : undefined;
  if (!control) {
    const criterion = parseCriterion(context, query.type, name, value);
    if (!criterion.ok) return criterion;
    query.filters.push(criterion.value);
    return ok(undefined);
  }
  if (modifier !== undefined && !code.endsWith('include')) {
    return fail('invalid', `Search parameter '${code}' has no modifiers.`);
  }
  if (seen.has(code) && !repeatableControls.has(code)) {
    return fail('invalid', `Search parameter '${code}' may be given once.`);
  }
  seen.add(code);
  return control({ definitions: context.definitions, query, modifier }, value);
}

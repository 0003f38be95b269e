import { fail, type Issue, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { CompartmentType } from '../compartment-params.ts';
import type { Definitions } from '../definitions.ts';
import { compartmentCriterion } from './parse-compartment.ts';
import type { CriterionContext } from './parse-context.ts';
import { controls, repeatableControls } from './parse-controls.ts';
import { parseCriterion } from './parse-criterion.ts';
import { shownName, splitName } from './parse-filter.ts';
import type { Branch, Criterion, SearchQuery } from './query.ts';

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
  /** The parameters that were understood: what the self link says. */
  understood: (readonly [name: string, value: string])[];
}

/** What is searched: one type, several at once, or those of a compartment. */
export interface SearchScope {
  types: readonly string[];
  compartment?: { type: CompartmentType; id: string };
}

/** Not about the search itself. */
const notSearch = new Set(['_format', '_pretty']);

type Params = readonly (readonly [name: string, value: string])[];

/**
 * Parses the parameters of a search on one type, names and values already URL-decoded (FHIR R4, search.html).
 * Errors are `invalid`; each issue names its parameter and never repeats a value.
 */
export function parseSearch(
  definitions: Definitions,
  type: string,
  params: Params,
  options: ParseOptions,
): Result<ParsedSearch> {
  return parseScopedSearch(definitions, { types: [type] }, params, options);
}

/**
 * The same for several types (each parameter must be one of every type) and for a compartment. `_type` is the caller's to read
 * before (`namedTypes`): what it leaves is `scope.types`.
 */
export function parseScopedSearch(
  definitions: Definitions,
  scope: SearchScope,
  params: Params,
  options: ParseOptions,
): Result<ParsedSearch> {
  if (!scope.types.every((type) => definitions.types.has(type)))
    return fail('not-found', 'FHIR R4 has no such resource type.', { code: 'not-supported' });
  if (params.length > limits.search.maxParameters) {
    return fail('invalid', `A search may have ${limits.search.maxParameters} parameters.`, { code: 'too-costly' });
  }
  const { baseUrl } = options;
  const context = {
    definitions,
    baseUrl,
    depth: 0,
    cost: { joins: 0, tries: 0, values: 0 },
    criterion: parseCriterion,
  };
  const { query, branches } = emptyQuery(definitions, scope);
  const ignored: string[] = [];
  const understood: ParsedSearch['understood'] = [];
  const issues: Issue[] = [];
  const seen = new Set<string>();
  for (const [name, value] of params) {
    const parsed = notSearch.has(name) ? ok(undefined) : parseOne(context, query, branches, seen, name, value);
    if (parsed.ok) {
      understood.push([name, value]);
      continue;
    }
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
  return ok({ query, ignored, understood });
}

function emptyQuery(definitions: Definitions, { types, compartment }: SearchScope) {
  const branches: Branch[] = types.map((type) => ({
    type,
    filters: compartmentCriterion(definitions, compartment, type),
    sort: [],
  }));
  const [only, ...others] = branches;
  const query: SearchQuery = {
    type: '',
    filters: [],
    includes: [],
    revincludes: [],
    sort: [],
    count: limits.search.defaultCount,
    total: 'none',
  };
  if (only && others.length === 0) Object.assign(query, only);
  else query.branches = branches;
  if (compartment) query.compartment = compartment;
  return { query, branches };
}

function parseOne(
  context: CriterionContext,
  query: SearchQuery,
  branches: readonly Branch[],
  seen: Set<string>,
  name: string,
  value: string,
): Result<void> {
  const [code, modifier] = splitName(name);
  const control = Object.hasOwn(controls, code) ? controls[code] : undefined;
  if (!control) return parseCriteria(context, branches, name, value);
  if (modifier !== undefined && !code.endsWith('include')) {
    return fail('invalid', `Search parameter '${code}' has no modifiers.`);
  }
  if (seen.has(code) && !repeatableControls.has(code)) {
    return fail('invalid', `Search parameter '${code}' may be given once.`);
  }
  seen.add(code);
  return control({ definitions: context.definitions, query, branches, modifier }, value);
}

/** The criterion for every type searched, or for none. */
function parseCriteria(
  context: CriterionContext,
  branches: readonly Branch[],
  name: string,
  value: string,
): Result<void> {
  const criteria: Criterion[] = [];
  for (const { type } of branches) {
    const criterion = parseCriterion(context, type, name, value);
    if (criterion.ok) criteria.push(criterion.value);
    else if (branches.length === 1 || criterion.error.issues.some(({ code }) => code !== 'not-found')) return criterion;
    else return notCommon(name, type);
  }
  for (const [place, criterion] of criteria.entries()) branches[place]?.filters.push(criterion);
  return ok(undefined);
}

function notCommon(name: string, type: string) {
  const [code] = splitName(name);
  const text = `A search over several types takes what all of them have; ${type} has no search parameter${shownName(code)}.`;
  return fail('invalid', text, { code: 'not-found' });
}

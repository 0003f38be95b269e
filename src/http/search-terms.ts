import { type Err, fail, ok, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Branch, Criterion, Filter, SearchQuery, SearchValue, UnresolvedValue } from '../fhir/search/query.ts';
import type { Reader } from '../store/types.ts';
import type { FhirContext } from './fhir-request.ts';
import { resolveHierarchy } from './search-hierarchy.ts';

/**
 * Makes of a parsed search one that the store can answer: value sets, concepts and hierarchies become the tokens and references that
 * they stand for, wherever they are in the tree of criteria. Everyone who searches for a client asks here first. Errors are
 * `invalid` and name the parameter; with `lenient` such a criterion is left out and named in `ignored` — never one that is
 * refused for its size, which would widen the search beyond what was meant.
 */
export async function resolveSearch(
  query: SearchQuery,
  handling: 'strict' | 'lenient',
  reader: Reader,
  context: FhirContext,
): Promise<Result<{ query: SearchQuery; ignored: string[] }>> {
  if (query.branches) return resolveBranches(query, query.branches, reader, context);
  if (!query.filters.some(isOpen)) return ok({ query, ignored: [] });
  const filters: Criterion[] = [];
  const ignored: string[] = [];
  for (const criterion of query.filters) {
    const resolved = await resolveCriterion(criterion, reader, context);
    if (resolved.ok) filters.push(resolved.value);
    else if (handling === 'strict' || mustStand(resolved)) return resolved;
    else ignored.push(nameOf(criterion));
  }
  return ok({ query: { ...query, filters }, ignored });
}

/** Several types: always strict, because what is left out for one type only would widen the search of that one. */
async function resolveBranches(
  query: SearchQuery,
  branches: readonly Branch[],
  reader: Reader,
  context: FhirContext,
): Promise<Result<{ query: SearchQuery; ignored: string[] }>> {
  const resolved: Branch[] = [];
  for (const branch of branches) {
    const { branches: _all, ...shape } = query;
    const one = await resolveSearch({ ...shape, ...branch }, 'strict', reader, context);
    if (!one.ok) return one;
    resolved.push({ ...branch, filters: one.value.query.filters });
  }
  return ok({ query: { ...query, branches: resolved }, ignored: [] });
}

/** A bound, or a refusal by the scopes, holds whatever the handling. */
function mustStand({ error }: Err): boolean {
  return error.kind !== 'invalid' || error.issues.some(({ code }) => code === 'too-costly');
}

const unresolved: ReadonlySet<string> = new Set([
  'value-set',
  'concept',
  'hierarchy',
] satisfies UnresolvedValue['kind'][]);

function isUnresolved(value: SearchValue): value is UnresolvedValue {
  return unresolved.has(value.kind);
}

/** True when there is something to resolve in it. */
function isOpen(criterion: Criterion): boolean {
  switch (criterion.kind) {
    case 'filter':
      return criterion.values.some(isUnresolved);
    case 'and':
    case 'or':
      return criterion.of.some(isOpen);
    default:
      return isOpen(criterion.of);
  }
}

function nameOf(criterion: Criterion): string {
  switch (criterion.kind) {
    case 'filter':
      return criterion.modifier === undefined ? criterion.param.code : `${criterion.param.code}:${criterion.modifier}`;
    case 'chain':
      return `${criterion.param.code}.${nameOf(criterion.of)}`;
    case 'has':
      return `_has:${criterion.sourceType}:${criterion.param.code}:${nameOf(criterion.of)}`;
    case 'not':
      return nameOf(criterion.of);
    default: {
      const open = criterion.of.find(isOpen);
      return open ? nameOf(open) : '';
    }
  }
}

async function resolveCriterion(
  criterion: Criterion,
  reader: Reader,
  context: FhirContext,
): Promise<Result<Criterion>> {
  if (!isOpen(criterion)) return ok(criterion);
  switch (criterion.kind) {
    case 'filter':
      return resolveFilter(criterion, reader, context);
    case 'and':
    case 'or': {
      const of: Criterion[] = [];
      for (const one of criterion.of) {
        const resolved = await resolveCriterion(one, reader, context);
        if (!resolved.ok) return resolved;
        of.push(resolved.value);
      }
      return ok({ ...criterion, of });
    }
    default: {
      const of = await resolveCriterion(criterion.of, reader, context);
      return of.ok ? ok({ ...criterion, of: of.value }) : of;
    }
  }
}

/**
 * `:not-in` is the reverse of `:in` as `:not` is of no modifier (FHIR R4, search.html#token): resources of which no value is in the
 * set, those without a value among them.
 */
async function resolveFilter(filter: Filter, reader: Reader, context: FhirContext): Promise<Result<Filter>> {
  const { modifier, values, ...rest } = filter;
  const resolved: SearchValue[] = [];
  for (const value of values) {
    const found = isUnresolved(value) ? await resolveValue(filter, value, reader, context) : ok([value]);
    if (!found.ok) return found;
    for (const one of found.value) resolved.push(one);
    if (resolved.length > limits.search.maxResolved) return tooMany(filter);
  }
  return ok(modifier === 'not-in' ? { ...rest, modifier: 'not', values: resolved } : { ...rest, values: resolved });
}

async function resolveValue(
  filter: Filter,
  value: UnresolvedValue,
  reader: Reader,
  context: FhirContext,
): Promise<Result<SearchValue[]>> {
  const direction = filter.modifier === 'above' ? 'above' : 'below';
  if (value.kind === 'hierarchy') return resolveHierarchy(value, direction, filter.param.code, reader, context);
  const { terms, definitions } = context;
  if (!terms) return refuse(filter, 'There is no terminology on this server.', 'not-supported');
  const found =
    value.kind === 'value-set' ? await terms.members(reader, value) : await terms.related(reader, value, direction);
  if (!found.ok) {
    const [issue] = found.error.issues;
    return refuse(filter, issue?.text ?? '', issue?.code ?? found.error.kind);
  }
  // An element of type `code` holds no system; its own is implicit.
  const implicit = definitions.codesOf(filter.param);
  return ok(
    found.value.flatMap(({ system, code }): SearchValue[] => {
      const pair: SearchValue = { kind: 'token', system, code };
      return implicit?.get(system)?.has(code) ? [pair, { kind: 'token', system: '', code }] : [pair];
    }),
  );
}

function refuse({ param, modifier }: Filter, why: string, code: string): Err {
  return fail('invalid', `'${param.code}:${modifier}' cannot be answered. ${why}`, { code });
}

function tooMany({ param, modifier }: Filter): Err {
  const { maxResolved } = limits.search;
  return fail('invalid', `'${param.code}:${modifier}' stands for more than ${maxResolved} codes.`, {
    code: 'too-costly',
  });
}

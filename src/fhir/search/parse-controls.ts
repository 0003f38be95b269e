import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Definitions } from '../definitions.ts';
import { hasElement } from '../element-path.ts';
import { parseInclude } from './parse-include.ts';
import type { Branch, SearchQuery, SortKey } from './query.ts';

/** Parameters that shape the result (FHIR R4, search.html#return). Each changes the query it is given, or says why not. */
type Control = (
  context: { definitions: Definitions; query: SearchQuery; branches: readonly Branch[]; modifier?: string },
  value: string,
) => Result<void>;

const done = ok(undefined);
const mixedSort = fail(
  'invalid',
  "Search parameter '_sort' names a parameter that differs between the types searched.",
  {
    code: 'value',
  },
);

export const controls: Readonly<Record<string, Control>> = {
  _count({ query }, value) {
    if (!/^\d{1,9}$/.test(value))
      return fail('invalid', "Search parameter '_count' takes a whole number.", { code: 'value' });
    query.count = Math.min(Number(value), limits.search.maxCount);
    // "If _count has the value 0, this shall be treated the same as _summary=count."
    if (query.count === 0) query.summary = 'count';
    return done;
  },
  _sort({ definitions, branches }, value) {
    for (const part of value.split(',')) {
      const keys: SortKey[] = [];
      for (const { type } of branches) {
        const key = sortKey(definitions, type, part);
        if (!key.ok) return key;
        keys.push(key.value);
      }
      // What is put in one order must be comparable.
      if (new Set(keys.map(({ param }) => param.kind)).size > 1) return mixedSort;
      for (const [place, key] of keys.entries()) branches[place]?.sort.push(key);
    }
    return done;
  },
  _total({ query }, value) {
    if (value !== 'none' && value !== 'estimate' && value !== 'accurate') {
      return fail('invalid', "Search parameter '_total' takes none, estimate or accurate.", { code: 'value' });
    }
    query.total = value;
    return done;
  },
  _summary({ query }, value) {
    if (value !== 'true' && value !== 'text' && value !== 'data' && value !== 'count' && value !== 'false') {
      return fail('invalid', "Search parameter '_summary' takes true, text, data, count or false.", { code: 'value' });
    }
    query.summary = value;
    return done;
  },
  _elements({ definitions, query, branches }, value) {
    const elements = value.split(',').map((element) => element.trim());
    if (!elements.every((element) => /^[A-Za-z][A-Za-z0-9.]*$/.test(element))) {
      return fail('invalid', "Search parameter '_elements' takes element names separated by commas.", {
        code: 'value',
      });
    }
    const types = query.type === '' ? branches.map(({ type }) => type) : [query.type];
    if (!elements.every((element) => types.some((type) => hasElement(definitions, type, element)))) {
      return fail('invalid', "Search parameter '_elements' names an element that is not there.", { code: 'value' });
    }
    query.elements = elements;
    return done;
  },
  _include({ definitions, query, modifier }, value) {
    const include = parseInclude(definitions, '_include', modifier, value);
    if (!include.ok) return include;
    query.includes.push(include.value);
    return done;
  },
  _revinclude({ definitions, query, modifier }, value) {
    const include = parseInclude(definitions, '_revinclude', modifier, value);
    if (!include.ok) return include;
    query.revincludes.push(include.value);
    return done;
  },
};

/** Those that may be given more than once. */
export const repeatableControls: ReadonlySet<string> = new Set(['_include', '_revinclude', '_sort']);

const sortableKinds: ReadonlySet<string> = new Set([
  'date',
  'string',
  'token',
  'uri',
  'reference',
  'number',
  'quantity',
]);

function sortKey(definitions: Definitions, type: string, text: string): Result<SortKey> {
  const descending = text.startsWith('-');
  const param = definitions.searchParams(type).get(descending ? text.slice(1) : text);
  if (!param)
    return fail('invalid', `Search parameter '_sort' names no search parameter of ${type}.`, { code: 'value' });
  if (sortableKinds.has(param.kind)) return ok({ param, descending });
  return fail('invalid', `Sorting by '${param.code}' (${param.kind}) is not supported.`, { code: 'not-supported' });
}

import type { SearchQuery } from '../../src/fhir/search/query.ts';
import type { Asking } from './ask.ts';
import { askTogether } from './ask-joined.ts';
import type { Json, Leaf } from './leaves.ts';
import { dateStretch } from './match-date.ts';
import { targetOf } from './match-reference.ts';
import { folded, textsOf } from './match-text.ts';
import { pairsOf } from './match-token.ts';
import type { Parameter } from './published.ts';
import { baseUrl, searchServer, type TwoWorlds } from './world.ts';

const sortableKinds = new Set(['token', 'string', 'date', 'uri', 'reference']);

type Key = string | number;
const compareKeys = (a: Key, b: Key) =>
  typeof a === 'number' && typeof b === 'number'
    ? a - b
    : Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));

/** What a value is sorted by; the specification leaves the details to the server, so these are the server's words. */
function keysOf(kind: string, leaf: Leaf): Key[] {
  if (kind === 'date') return [dateStretch(leaf)?.from ?? []].flat();
  if (kind === 'string') return textsOf(leaf).map(folded);
  if (kind === 'token') {
    const pairs = pairsOf(leaf, () => undefined).filter(
      ({ system, code }) => system !== undefined || code !== undefined,
    );
    return pairs.map(({ code = '', ignoresCase }) => (ignoresCase ? code.toLowerCase() : code));
  }
  if (kind === 'uri') return typeof leaf.value === 'string' ? [leaf.value] : [];
  const target = targetOf(leaf, baseUrl);
  if (!target) return [];
  const { local, url = '', version } = target;
  // A canonical is found with and without its version.
  return [local ?? url, ...(local === undefined && version !== undefined ? [`${url}|${version}`] : [])];
}

/** The first of a resource's values in the order asked for; undefined comes last in both orders. */
function firstKey(worlds: TwoWorlds, resource: Json, parameter: Parameter, descending: boolean): Key | undefined {
  const keys = worlds.oracle.leaves(resource, parameter).flatMap((leaf) => keysOf(parameter.kind, leaf));
  return keys.sort((a, b) => (descending ? compareKeys(b, a) : compareKeys(a, b)))[0];
}

export interface Walked {
  search: string;
  problem?: string;
  length: number;
}

/** Walks a sorted search page by page: every match once, in order, as many as the total says. */
export async function walkSorted(worlds: TwoWorlds, asking: Asking, type: string): Promise<Walked | undefined> {
  const { random, published } = asking;
  const sortable = published
    .parameters(type)
    .filter(({ kind, code }) => sortableKinds.has(kind) && !/^_(text|content|query)$/.test(code));
  const keys = Array.from({ length: 1 + random.below(2) }, () => ({
    parameter: random.pick(sortable),
    descending: random.chance(0.5),
  }));
  const filters = random.chance(0.3) ? (askTogether(asking, type)?.params.slice(0, 1) ?? []) : [];
  const expected = worlds.oracle.answer(type, filters);
  if (!expected) return undefined;
  const sort = keys.map(({ parameter, descending }) => `${descending ? '-' : ''}${parameter.code}`).join(',');
  const search = `${type}?${filters.map((one) => one.join('=')).join('&')}&_sort=${sort}`;
  const count = 1 + random.below(8);
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page <= expected.size; page += 1) {
    const change = (query: SearchQuery): SearchQuery => ({ ...query, count, ...(cursor !== undefined && { cursor }) });
    const found = await searchServer(
      worlds.home,
      worlds.home.store,
      type,
      [...filters, ['_sort', sort], ['_total', 'accurate']],
      change,
    );
    if ('refused' in found)
      return found.refused === 'unsupported' ? undefined : { search, problem: found.text, length: 0 };
    if (found.ids.length > count) return { search, problem: 'a page is too long', length: 0 };
    if (found.total !== expected.size)
      return { search, problem: `the total is ${found.total}, not ${expected.size}`, length: 0 };
    ids.push(...found.ids);
    cursor = found.next;
    if (cursor === undefined) break;
  }
  const unique = new Set(ids);
  if (
    cursor !== undefined ||
    unique.size !== ids.length ||
    unique.size !== expected.size ||
    ids.some((id) => !expected.has(id))
  ) {
    return { search, problem: `walked ${ids.join()}, not ${[...expected].join()}`, length: ids.length };
  }
  const rows = ids.map((id) => worlds.byType.get(type)?.find((one) => one.id === id) ?? {});
  const wrong = rows.findIndex((row, place) => place > 0 && outOfOrder(worlds, keys, rows[place - 1] ?? {}, row));
  return {
    search,
    length: ids.length,
    ...(wrong >= 0 && { problem: `${ids[wrong]} comes too late: ${JSON.stringify(rows.slice(wrong - 1, wrong + 1))}` }),
  };
}

function outOfOrder(
  worlds: TwoWorlds,
  keys: { parameter: Parameter; descending: boolean }[],
  first: Json,
  second: Json,
): boolean {
  for (const { parameter, descending } of keys) {
    const a = firstKey(worlds, first, parameter, descending);
    const b = firstKey(worlds, second, parameter, descending);
    if (a === undefined && b === undefined) continue;
    if (a === undefined || b === undefined) return a === undefined;
    const order = compareKeys(a, b);
    if (order !== 0) return descending ? order < 0 : order > 0;
  }
  return false;
}

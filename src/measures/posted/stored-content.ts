import { limits } from '../../base/limits.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import type { Criterion, SearchQuery, SearchValue } from '../../fhir/search/query.ts';
import type { r4 } from '../../fhir/types.ts';
import { type Reader, type Stored, seesAll } from '../../store/types.ts';
import { modelDefinition } from './model-text.ts';

type Content = { Measure: r4.Measure; Library: r4.Library; ValueSet: r4.ValueSet };

/** Measures and their parts in the store. They hold nothing of a person, so whoever evaluates may use them all. */
export interface StoredContent {
  measures(): Promise<StoredOne<r4.Measure>[]>;
  /** All with one of these URLs (without version). */
  byUrl<T extends keyof Content>(type: T, urls: readonly string[]): Promise<StoredOne<Content[T]>[]>;
  /** Libraries whose `name` this is. */
  librariesNamed(name: string): Promise<StoredOne<r4.Library>[]>;
  /** Libraries of model information. */
  modelDefinitions(): Promise<StoredOne<r4.Library>[]>;
}

export interface StoredOne<T> {
  resource: T & { id: string };
  /** Id and version: changes with every change. */
  key: string;
}

/** URLs that one search asks for. */
const together = 200;

export function storedContent(reader: Reader, definitions: Pick<Definitions, 'searchParams'>): StoredContent {
  const filterOf = (type: string, code: string, values: SearchValue[], modifier?: string): Criterion[] => {
    const param = definitions.searchParams(type).get(code);
    if (!param) throw new Error(`${type} has no search parameter ${code}`);
    return [{ kind: 'filter', param, values, ...(modifier !== undefined && { modifier }) }];
  };
  async function found<T extends keyof Content>(type: T, filters: Criterion[]): Promise<StoredOne<Content[T]>[]> {
    const all: StoredOne<Content[T]>[] = [];
    let cursor: string | undefined;
    do {
      const query: SearchQuery = { ...{ type, filters, includes: [], revincludes: [], sort: [] }, ...page(cursor) };
      const answer = await reader.search(query, seesAll);
      if (!answer.ok) throw answer.error.cause ?? new Error('the store could not be searched for measures');
      all.push(...answer.value.matches.map((stored) => one<Content[T]>(stored)));
      cursor = answer.value.next;
    } while (cursor !== undefined);
    return all;
  }
  return {
    measures: () => found('Measure', []),
    async byUrl(type, urls) {
      const all = [];
      for (let at = 0; at < urls.length; at += together) {
        const values = urls.slice(at, at + together).map((uri): SearchValue => ({ kind: 'uri', uri }));
        all.push(...(await found(type, filterOf(type, 'url', values))));
      }
      return all;
    },
    modelDefinitions: () => found('Library', filterOf('Library', 'type', [{ kind: 'token', ...modelDefinition }])),
    librariesNamed: (name) => found('Library', filterOf('Library', 'name', [{ kind: 'string', text: name }], 'exact')),
  };
}

function page(cursor: string | undefined): Pick<SearchQuery, 'count' | 'total' | 'cursor'> {
  return { count: limits.search.maxCount, total: 'none', ...(cursor !== undefined && { cursor }) };
}

/** The store holds only what its type says. */
function one<T>({ id, version, json }: Stored): StoredOne<T> {
  return { resource: { ...(JSON.parse(json) as T), id }, key: `${id} ${version}` };
}

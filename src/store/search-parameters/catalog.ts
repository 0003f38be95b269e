import { type Err, fail } from '../../base/errors.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import type { SearchParam } from '../../fhir/search/query.ts';
import { checkSearchParameter } from '../../fhir/search-parameter/check.ts';
import { overlayOf } from '../../fhir/search-parameter/overlay.ts';
import { parseContent } from '../content.ts';
import type { Sql } from '../types.ts';

/** First half of the advisory locks on generations, as in 017-search-parameters.sql. */
export const generationLock = 7_262_017;

/**
 * The statement a transaction begins with: it holds the generation until the end, so that nobody indexes the rest before it has
 * ended. An error of the code `outdatedCode` says that the generation is not the newest: `refresh`, then begin again.
 */
export function holdGeneration(generation: number): { text: string; values: readonly unknown[]; name: string } {
  return { text: 'SELECT use_search_generation($1)', values: [generation], name: 'use-generation' };
}

/** SQLSTATE of `use_search_generation`. */
export const outdatedCode = 'CW017';

/** One SearchParameter that is in use. */
export interface Registered {
  id: string;
  generation: number;
  ready: boolean;
  params: ReadonlyMap<string, SearchParam>;
}

/** The definitions in use, as this process knows them. */
export interface Catalog {
  /** The base definitions with the parameters in use. */
  definitions: Definitions;
  /** Those of them that a search may name already. */
  searchable: Definitions;
  /** Number of the set of definitions that this process knows. */
  generation(): number;
  /** Takes over what others have changed; true when there was something. */
  refresh(): Promise<boolean>;
  /** The SearchParameter that a parameter comes from; undefined for one of the base definitions. */
  registered(param: SearchParam): Registered | undefined;
  /** True when no parameter is added at all. */
  isPlain(): boolean;
}

interface Row {
  id: string;
  generation: number;
  ready: boolean;
  definition: string;
}

/** `base` are the definitions without any added parameter. Knows none until the first `refresh`. */
export function createCatalog(base: Definitions, sql: Sql): Catalog {
  const overlay = overlayOf(base);
  const ready = overlayOf(base);
  let generation = 0;
  let known: readonly Registered[] = [];
  let byParam: ReadonlyMap<SearchParam, Registered> = new Map();

  const refresh = async (): Promise<boolean> => {
    // One statement, so that number and rows are of one moment.
    const rows = await sql.query<{ number: number } & { [Name in keyof Row]: Row[Name] | null }>(
      `SELECT g.number, p.id, p.generation, p.ready, p.definition
         FROM search_generation g LEFT JOIN search_parameter p ON true ORDER BY p.id`,
    );
    const number = rows[0]?.number ?? 0;
    // Two may look at once: the one that looked earlier must not bring back what is over.
    if (number <= generation) return false;
    known = rows.flatMap((row) => (row.id === null ? [] : (registeredOf(row as Row, known, base) ?? [])));
    byParam = new Map(known.flatMap((one) => [...one.params.values()].map((param) => [param, one] as const)));
    overlay.use(byType(known));
    ready.use(byType(known.filter((one) => one.ready)));
    generation = number;
    return true;
  };

  return {
    definitions: overlay.definitions,
    searchable: ready.definitions,
    generation: () => generation,
    refresh,
    registered: (param) => byParam.get(param),
    isPlain: () => known.length === 0,
  };
}

/** What did not change keeps its objects, so that nothing is compiled anew for it. */
function registeredOf(row: Row, known: readonly Registered[], base: Definitions): Registered | undefined {
  const { id, generation, ready } = row;
  const before = known.find((one) => one.id === id && one.generation === generation);
  if (before) return { ...before, ready };
  const checked = checkSearchParameter(parseContent(row.definition), base);
  return checked.ok && checked.value ? { id, generation, ready, params: checked.value.params } : undefined;
}

function byType(known: readonly Registered[]): Map<string, SearchParam[]> {
  const lists = new Map<string, SearchParam[]>();
  for (const { params } of known) {
    for (const [type, param] of params) lists.set(type, [...(lists.get(type) ?? []), param]);
  }
  return lists;
}

/** What stands in the way of an answer by a parameter that is not ready. */
export function beingIndexed(code: string, percent: number): Err {
  return fail('invalid', `Search parameter '${code}' is being indexed: ${percent} %. Ask again later.`, {
    code: 'incomplete',
  });
}

import type { Definitions } from '../fhir/definitions.ts';
import { plain } from '../fhir/json.ts';
import type { r4 } from '../fhir/types.ts';
import { type Reader, seesAll } from '../store/types.ts';
import type { BuiltIn } from './built-in.ts';
import { systemOf } from './systems/from-resource.ts';
import { loadedSystem } from './systems/loaded-system.ts';
import type { Library, SystemReader } from './types.ts';
import { newestFirst } from './versions.ts';

type Terminology = { CodeSystem: r4.CodeSystem; ValueSet: r4.ValueSet; ConceptMap: r4.ConceptMap };
type Canonical = Terminology & { StructureDefinition: r4.StructureDefinition; SearchParameter: r4.SearchParameter };

/** How many versions of one canonical URL are looked at. */
const versions = 200;
/** How many stored code systems are kept ready, by id and version. */
const kept = 20;

/** The id of the stored resource with this canonical URL and version (empty: none). */
export type FindResource = (
  store: Reader,
  type: keyof Canonical,
  canonical: { url: string; version: string },
) => Promise<string | undefined>;

export interface Libraries {
  libraryOf(store: Reader): Library;
  find: FindResource;
  /** A ValueSet of the store by its id. */
  valueSetById(store: Reader, id: string): Promise<r4.ValueSet | undefined>;
  /** A StructureDefinition of the store: by `url` the newest, or `url|version`. */
  profile(store: Reader, canonical: string): Promise<r4.StructureDefinition | undefined>;
}

/**
 * Leads from canonical URLs to what is here: first the resources of the store, then the concept tables, then what is built in.
 * Code systems, value sets and concept maps hold nothing of a person, so who may call the operation may use them all.
 */
export function createLibraries(deps: { definitions: Definitions; builtIn: BuiltIn }): Libraries {
  const ready = new Map<string, SystemReader>();

  async function stored<T extends keyof Canonical>(store: Reader, type: T, url: string, version?: string) {
    const param = deps.definitions.searchParams(type).get('url');
    if (!param) return [];
    const filters = [{ kind: 'filter' as const, param, values: [{ kind: 'uri' as const, uri: url }] }];
    const query = { type, filters, includes: [], revincludes: [], sort: [], count: versions, total: 'none' as const };
    const page = await store.search(query, seesAll);
    // A database that is away is thrown on as it came, so that it is told as that.
    if (!page.ok) throw page.error.cause ?? new Error('the store could not be searched for terminology');
    // The store holds only what its type says, and the search found it by its URL.
    const found = page.value.matches.map(
      ({ json, id, version: v }) =>
        ({ ...plain(JSON.parse(json)), id, key: `${id} ${v}` }) as Canonical[T] & { id: string; key: string },
    );
    return found.filter((one) => version === undefined || one.version === version).sort(newestFirst);
  }

  function keep({ key, ...codeSystem }: r4.CodeSystem & { key: string }): SystemReader {
    const reader = ready.get(key) ?? systemOf(codeSystem);
    ready.delete(key);
    ready.set(key, reader);
    for (const oldest of ready.keys()) {
      if (ready.size <= kept) break;
      ready.delete(oldest);
    }
    return reader;
  }

  const libraryOf = (store: Reader): Library => ({
    async system(url, version) {
      const found = await stored(store, 'CodeSystem', url, version);
      for (const one of found) {
        if (one.content !== 'not-present') return keep(one);
        const inTables = await loadedSystem(store, url, one.version ?? '');
        if (inTables) return inTables;
      }
      const loaded = await loadedSystem(store, url, version);
      if (loaded) return loaded;
      const builtIn = deps.builtIn.codeSystem(url, version);
      return builtIn && keep({ ...builtIn, key: `built-in ${url}` });
    },
    async valueSet(url, version) {
      const [newest] = await stored(store, 'ValueSet', url, version);
      if (newest) return withoutKey(newest);
      return deps.builtIn.valueSet(url, version);
    },
    async conceptMap(url, version) {
      const [newest] = await stored(store, 'ConceptMap', url, version);
      return newest && withoutKey(newest);
    },
  });
  return {
    libraryOf,
    async profile(store, canonical) {
      const [url = '', version] = canonical.split('|');
      const [newest] = await stored(store, 'StructureDefinition', url, version);
      return newest && withoutKey(newest);
    },
    async valueSetById(store, id) {
      const found = await store.read('ValueSet', id);
      // The store holds only what its type says.
      return found && !found.deleted ? (plain(JSON.parse(found.json)) as unknown as r4.ValueSet) : undefined;
    },
    async find(store, type, { url, version }) {
      const found = await stored(store, type, url);
      return found.find((one) => (one.version ?? '') === version)?.id;
    },
  };
}

function withoutKey<T extends { key: string }>({ key: _, ...resource }: T): Omit<T, 'key'> {
  return resource;
}

import type { Definitions } from '../definitions.ts';
import type { SearchParam } from '../search/query.ts';

export interface Overlay {
  /** The base definitions and, by type, the parameters that are in use besides. */
  definitions: Definitions;
  /** From now on these are the added ones. A type whose list holds the same objects as before keeps its map. */
  use(added: ReadonlyMap<string, readonly SearchParam[]>): void;
}

/**
 * Definitions to which search parameters can be added while they are in use. Whoever keeps something made from `searchParams(type)` finds
 * out that it is out of date by asking again: it is another map then.
 */
export function overlayOf(base: Definitions): Overlay {
  let inUse: ReadonlyMap<string, readonly SearchParam[]> = new Map();
  let merged = new Map<string, ReadonlyMap<string, SearchParam>>();
  return {
    definitions: {
      ...base,
      searchParams(type) {
        const added = inUse.get(type);
        if (!added) return base.searchParams(type);
        let params = merged.get(type);
        if (!params) {
          params = new Map([...added.map((param) => [param.code, param] as const), ...base.searchParams(type)]);
          merged.set(type, params);
        }
        return params;
      },
    },
    use(added) {
      const before = inUse;
      inUse = added;
      merged = new Map([...merged].filter(([type]) => isSame(before.get(type), added.get(type))));
    },
  };
}

function isSame(before: readonly SearchParam[] | undefined, after: readonly SearchParam[] | undefined): boolean {
  return before?.length === after?.length && (before ?? []).every((param, place) => param === after?.[place]);
}

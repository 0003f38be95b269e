import type { Interaction, Personality } from '../personality.ts';
import type { Definitions } from './definitions.ts';

/** What one hospital offers: its personality applied to the R4 definitions. The gate and the CapabilityStatement read this one table. */
export interface Offered {
  types: string[];
  interactions(type: string): readonly Interaction[];
  /** Search parameters of a type: code to search parameter type. */
  searchParameters(type: string): ReadonlyMap<string, string>;
}

export function offeredBy(personality: Personality, definitions: Definitions): Offered {
  const types = personality.types ?? [...definitions.types].sort();
  const known = new Set(types);
  const parameters = new Map<string, ReadonlyMap<string, string>>();
  return {
    types: [...types],
    interactions: (type) => (known.has(type) ? (personality.interactions[type] ?? personality.everyType) : []),
    searchParameters(type) {
      const cached = parameters.get(type);
      if (cached) return cached;
      const allowed = [...definitions.searchParameters(type)].filter(
        ([code]) => personality.searchParameters?.includes(code) ?? true,
      );
      const offered = new Map(allowed);
      parameters.set(type, offered);
      return offered;
    },
  };
}

import { limits } from '../../base/limits.ts';
import type { Definitions } from '../../fhir/definitions.ts';
import { parseSearch } from '../../fhir/search/parse.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import { type Reader, seesAll } from '../../store/types.ts';

/** Canonical URLs of the profiles that are resources here, by the type they are of, sorted. */
export type LoadedProfiles = ReadonlyMap<string, readonly string[]>;

/**
 * Knows which profiles have been posted, published or loaded: for the capability statement. The same object until something has changed;
 * what another process loads is noticed `limits.terminology.lookMs` later. When the database is away, what was last known.
 */
export function createLoadedProfiles(definitions: Definitions, reader: Reader): () => Promise<LoadedProfiles> {
  let known: { generation: string | undefined; profiles: LoadedProfiles } = {
    generation: undefined,
    profiles: new Map(),
  };
  let lookedAt = Number.NEGATIVE_INFINITY;
  const look = async () => {
    const [row] = await reader.query<{ number: string }>('SELECT number FROM conformance_generation');
    if (row?.number === known.generation) return;
    const profiles = await readAll(definitions, reader);
    if (profiles) known = { generation: row?.number, profiles };
  };
  return async () => {
    const now = performance.now();
    if (now - lookedAt >= limits.terminology.lookMs) {
      lookedAt = now;
      await look().catch(() => undefined);
    }
    return known.profiles;
  };
}

async function readAll(definitions: Definitions, reader: Reader): Promise<LoadedProfiles | undefined> {
  const criteria = [
    ['kind', 'resource'],
    ['derivation', 'constraint'],
    ['_count', String(limits.search.maxCount)],
  ] as const;
  const parsed = parseSearch(definitions, 'StructureDefinition', criteria, { handling: 'strict', baseUrl: '' });
  if (!parsed.ok) return undefined;
  const found = new Map<string, Set<string>>();
  let cursor: string | undefined;
  do {
    const page = await reader.search({ ...parsed.value.query, ...(cursor !== undefined && { cursor }) }, seesAll);
    if (!page.ok) return undefined;
    for (const { json } of page.value.matches) {
      const profile: unknown = JSON.parse(json);
      if (!isObject(profile) || typeof profile.type !== 'string' || typeof profile.url !== 'string') continue;
      found.set(profile.type, (found.get(profile.type) ?? new Set()).add(profile.url));
    }
    cursor = page.value.next;
  } while (cursor !== undefined);
  return new Map([...found].map(([type, urls]) => [type, [...urls].sort()]));
}

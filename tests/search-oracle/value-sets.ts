import { rawResources } from './published.ts';

/** A code and the system it has by the value set it is bound to. */
interface BoundCode {
  system: string;
  code: string;
}

interface Concept {
  code: string;
  concept?: Concept[];
}
interface RawTerminology {
  resourceType: string;
  url?: string;
  concept?: Concept[];
  compose?: {
    include: { system?: string; concept?: Concept[]; filter?: unknown; valueSet?: unknown }[];
    exclude?: unknown;
  };
}

/** The codes of the published value sets that simply list them or take whole code systems; others are left out. */
function readValueSets(): ReadonlyMap<string, readonly BoundCode[]> {
  const published = ['valuesets.json', 'v3-codesystems.json'].flatMap((file): RawTerminology[] => rawResources(file));
  const systems = new Map(
    published
      .filter(({ resourceType }) => resourceType === 'CodeSystem')
      .map(({ url = '', concept = [] }) => [url, allOf(concept)]),
  );
  const sets = new Map<string, BoundCode[]>();
  for (const { resourceType, url = '', compose } of published) {
    if (resourceType !== 'ValueSet' || !compose || compose.exclude) continue;
    if (compose.include.some(({ filter, valueSet }) => filter || valueSet)) continue;
    const codes = compose.include.flatMap(({ system = '', concept }) =>
      (concept ? concept.map(({ code }) => code) : (systems.get(system) ?? [])).map((code) => ({ system, code })),
    );
    sets.set(url, codes);
  }
  return sets;
}

const allOf = (concepts: readonly Concept[]): string[] =>
  concepts.flatMap(({ code, concept = [] }) => [code, ...allOf(concept)]);

const bare = (canonical: string) => canonical.replace(/\|.*$/, '');

const valueSets = readValueSets();

/** Some of the codes of a required value set. */
export const codesOf = (valueSet: string) => (valueSets.get(bare(valueSet)) ?? []).slice(0, 6).map(({ code }) => code);

/** The system a code has by its value set. */
export const systemOf = (valueSet: string, code: string) =>
  valueSets.get(bare(valueSet))?.find((bound) => bound.code === code)?.system;

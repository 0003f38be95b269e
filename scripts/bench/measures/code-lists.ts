import type { ReadyMeasure } from '../../../src/measures/types.ts';

/** Codes that some measure looks for, as `system|code`: what generated records are made of. */
export interface CodeLists {
  /** For each resource type the lists that its records are looked for by, each once. */
  byType: ReadonlyMap<string, readonly (readonly string[])[]>;
  medicines: readonly string[];
}

const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';

export function codeListsOf(measures: readonly ReadyMeasure[]): CodeLists {
  const byType = new Map<string, Map<string, readonly string[]>>();
  for (const { type, codes } of measures.flatMap(({ needs }) => needs ?? [])) {
    if (!codes || codes.size === 0) continue;
    const lists = byType.get(type) ?? new Map<string, readonly string[]>();
    byType.set(type, lists);
    lists.set([...codes].sort().join(), [...codes]);
  }
  const medicines = measures.flatMap(({ valueSets }) =>
    valueSets.flatMap(({ compose }) =>
      (compose?.include ?? [])
        .filter(({ system }) => system === rxnorm)
        .flatMap(({ concept }) => (concept ?? []).map(({ code }) => `${rxnorm}|${code}`)),
    ),
  );
  return {
    byType: new Map([...byType].map(([type, lists]) => [type, [...lists.values()]])),
    medicines: [...new Set(medicines)].sort(),
  };
}

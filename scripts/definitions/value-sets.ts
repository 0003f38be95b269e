import type { Concept, Terminology } from './required-codes.ts';

/** The codes of a value set by code system; undefined when it is no plain list (filters, other value sets, open systems). */
export function listConcepts(
  byUrl: ReadonlyMap<string, Terminology>,
  url: string,
): ReadonlyMap<string, ReadonlySet<string>> | undefined {
  const compose = byUrl.get(`ValueSet ${url}`)?.compose;
  if (!compose || compose.exclude) return undefined;
  const found = new Map<string, Set<string>>();
  for (const { system = '', concept, filter, valueSet } of compose.include) {
    const codeSystem = byUrl.get(`CodeSystem ${system}`);
    if (filter || valueSet || (!concept && codeSystem?.content !== 'complete')) return undefined;
    const codes = found.get(system) ?? new Set<string>();
    found.set(system, codes);
    collect(concept ?? codeSystem?.concept ?? [], codes);
  }
  return found;
}

function collect(concepts: readonly Concept[], found: Set<string>): void {
  for (const { code, concept } of concepts) {
    found.add(code);
    collect(concept ?? [], found);
  }
}

import type { r4 } from '../../src/fhir/types.ts';
import type { CaseMapping, PublishedValueSet } from './published.ts';

/**
 * Our value sets with the published codes in place of our own, and the URLs of those that the mapping does not name: they keep their
 * codes, and whoever runs this is told. Throws when the mapping names a set that is not there, ours or published.
 */
export function replaceValueSets(
  ours: readonly r4.ValueSet[],
  mapping: CaseMapping,
  published: readonly PublishedValueSet[],
): { valueSets: r4.ValueSet[]; kept: string[] } {
  const codesOf = new Map(published.map(({ url, codesInTheseCases }) => [url, codesInTheseCases]));
  const known = new Set(ours.map(({ url }) => url));
  const unknown = Object.keys(mapping.valueSets).find((url) => !known.has(url));
  if (unknown !== undefined) throw new Error(`the mapping names ${unknown}, which the measure does not use`);
  const kept: string[] = [];
  const valueSets = ours.map((set) => {
    const sources = mapping.valueSets[set.url ?? ''];
    if (sources === undefined) {
      kept.push(set.url ?? '');
      return set;
    }
    const codes = sources.flatMap((source) => {
      if (source.includes('|')) return [source];
      const found = codesOf.get(source);
      if (found === undefined) throw new Error(`no published value set ${source}`);
      return found;
    });
    const include = [...new Set(codes)].map((code) => {
      const [system = '', value = ''] = code.split('|');
      return { system, concept: [{ code: value }] };
    });
    return { ...set, compose: { ...set.compose, include }, expansion: undefined };
  });
  return { valueSets, kept };
}

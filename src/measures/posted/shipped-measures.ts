import type { r4 } from '../../fhir/types.ts';
import { assemble, contentOf } from '../definition/assemble.ts';
import type { MeasureDefinition, ReadyMeasure } from '../types.ts';
import type { CompileBeside } from './known-measures.ts';
import type { MeasureSource } from './posted-measure.ts';

/** Our own measures, with the value sets that users have put in the place of ours. `before`: as they run now. */
export async function shippedMeasures(
  definitions: readonly MeasureDefinition[],
  source: MeasureSource,
  compile: CompileBeside,
  before: readonly ReadyMeasure[],
): Promise<ReadyMeasure[]> {
  const ours = definitions.flatMap(({ valueSets }) => valueSets);
  const stored = await storedValueSets(ours, source);
  const ready: ReadyMeasure[] = [];
  for (const definition of definitions) {
    const compiled = await compile(withValueSets(definition, stored, source.types), ready);
    const old = before.find(({ name }) => name === definition.name);
    if (compiled.ok) ready.push(compiled.value);
    else if (old) ready.push(old);
  }
  return ready;
}

/** Value sets of the store with the URLs of ours, by URL: those that say something else than ours. */
async function storedValueSets(
  ours: readonly r4.ValueSet[],
  source: MeasureSource,
): Promise<ReadonlyMap<string, r4.ValueSet>> {
  const byUrl = new Map(ours.map((set) => [set.url ?? '', set]));
  const declared = [...byUrl.keys()].map((url) => ({ library: '', name: url, url }));
  const found = await source.valueSets(declared);
  const others = new Map<string, r4.ValueSet>();
  declared.forEach(({ url }, n) => {
    const set = found[n];
    const own = byUrl.get(url);
    // One that cannot be expanded leaves ours in place: a measure that runs is not stopped by it.
    if (set && 'resourceType' in set && own && contentOf(set) !== contentOf(own)) others.set(url, set);
  });
  return others;
}

function withValueSets(
  definition: MeasureDefinition,
  stored: ReadonlyMap<string, r4.ValueSet>,
  types: ReadonlySet<string>,
): MeasureDefinition {
  if (!definition.valueSets.some(({ url = '' }) => stored.has(url))) return definition;
  const own = new Map(definition.valueSets.map((set) => [set.url ?? '', set]));
  const valueSet = ({ url }: { url: string }) => stored.get(url) ?? own.get(url);
  return assemble({ measure: definition.resource, types, libraries: definition.libraries, valueSet }).definition;
}

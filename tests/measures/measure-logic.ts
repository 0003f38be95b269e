import type { Resource } from '../../src/fhir/types.ts';
import { compileLogic, createSlice } from '../../src/measures/engine/logic.ts';
import type { Value } from '../../src/measures/engine/values/types.ts';
import type { Measures } from '../../src/measures/measures.ts';
import { fhirModel } from './engine/built-model.ts';
import { measureNamed, year2026 } from './house.ts';

/** The value of any definition of a measure's logic for one child, also of those that no group names. */
export type ValueOf = (resources: readonly Resource[], definition: string, period?: typeof year2026) => Value;

/** Compiles the logic of a measure as built. Throws what is refused. */
export function valuesOf(measures: Measures, name: string): ValueOf {
  const { elm, libraries, valueSets } = measureNamed(measures, name);
  const included = libraries.slice(1).map((library) => library.elm);
  const logic = compileLogic({ main: elm, libraries: included, valueSets, model: fhirModel });
  if (!logic.ok) throw new Error(logic.error.issues[0]?.text);
  return (resources, definition, period = year2026) => {
    const at = { period, now: new Date('2026-12-01T12:00:00Z'), zone: 'UTC' };
    const value = logic.value.over(createSlice(resources), at).value(definition);
    if (!value.ok) throw new Error(value.error.issues[0]?.text);
    return value.value;
  };
}

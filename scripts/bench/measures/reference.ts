import type { Resource } from '../../../src/fhir/types.ts';
import { createSlice } from '../../../src/measures/engine/logic.ts';
import type { ReadyMeasure } from '../../../src/measures/types.ts';
import { createEngine } from '../../../tests/support/cql-execution/engine.ts';
import { processorMicros, round } from './engine-speed.ts';
import { at } from './ready.ts';

export interface Reference {
  measure: string;
  /** Processor time a child of the reference engine, and of ours in the same run on the same children. */
  referenceMicros: number;
  ourMicros: number;
  ratio: number;
  /** Children whom the reference engine could not evaluate. */
  referenceErrors: number;
  children: number;
}

/** Each measure on cql-execution (a development dependency) for a few children: as many as `budgetMs` allows, at least three. */
export async function againstReference(
  measures: readonly ReadyMeasure[],
  children: readonly (readonly Resource[])[],
  budgetMs: number,
): Promise<Reference[]> {
  const engine = createEngine();
  const found: Reference[] = [];
  for (const measure of measures) {
    const evaluate = engine(measure);
    await evaluate(children[0] ?? [], at.period);
    const started = performance.now();
    const before = processorMicros();
    let [count, errors] = [0, 0];
    for (const resources of children) {
      if (count >= 3 && performance.now() - started > budgetMs) break;
      if (!(await evaluate(resources, at.period)).ok) errors += 1;
      count += 1;
    }
    const referenceMicros = (processorMicros() - before) / count;
    const ourMicros = ours(measure, children.slice(0, count));
    found.push({
      measure: measure.name,
      referenceMicros: Math.round(referenceMicros),
      ourMicros: round(ourMicros),
      ratio: Math.round(referenceMicros / ourMicros),
      referenceErrors: errors,
      children: count,
    });
  }
  return found;
}

/** The same children often enough to be measured. */
function ours({ answer }: ReadyMeasure, children: readonly (readonly Resource[])[]): number {
  const times = Math.ceil(1000 / children.length);
  const run = () => {
    const before = processorMicros();
    for (let n = 0; n < times; n += 1) for (const resources of children) answer?.(createSlice(resources), at);
    return (processorMicros() - before) / (times * children.length);
  };
  // The first run warms up; of the others the best counts, because whatever else the machine does only adds to it.
  run();
  return Math.min(run(), run(), run());
}

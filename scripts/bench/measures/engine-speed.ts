import { limits } from '../../../src/base/limits.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createSlice } from '../../../src/measures/engine/logic.ts';
import type { ReadyMeasure } from '../../../src/measures/types.ts';
import { at } from './ready.ts';

/** Processor time of this process so far, in microseconds: what work cost, whatever else the machine does. */
export function processorMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

export interface EngineSpeed {
  /** All measures, by processor time. */
  childrenPerSecond: number;
  microsPerChild: number;
  /** Reading the child's JSON as well. */
  microsPerChildWithParse: number;
  /** Children times measures that could not be evaluated. */
  failed: number;
  measures: { measure: string; microsPerChild: number }[];
}

/** The machine's host takes time away for a second and more. */
const rounds = 9;

/** One thread, children in memory, as many at a time as the server takes: all measures over one slice of each; then each measure by itself over a slice of its own. */
export function engineSpeed(measures: readonly ReadyMeasure[], children: readonly Resource[][]): EngineSpeed {
  let failed = 0;
  const all = best(() => {
    failed = 0;
    for (let from = 0; from < children.length; from += limits.measures.subjectsPerBatch) {
      const slices = children.slice(from, from + limits.measures.subjectsPerBatch).map(createSlice);
      for (const { answer } of measures) for (const slice of slices) if (answer?.(slice, at).ok !== true) failed += 1;
    }
  });
  const texts = children.map((resources) => resources.map((resource) => JSON.stringify(resource)));
  const parse = best(() => {
    for (const resources of texts) for (const text of resources) JSON.parse(text);
  });
  const each = measures.map(({ name, answer }) => {
    const micros = best(() => {
      for (const resources of children) answer?.(createSlice(resources), at);
    });
    return { measure: name, microsPerChild: round(micros / children.length) };
  });
  return {
    childrenPerSecond: Math.round((1e6 * children.length) / all),
    microsPerChild: round(all / children.length),
    microsPerChildWithParse: round((all + parse) / children.length),
    failed,
    measures: each,
  };
}

/** The least processor time of some tries, the first of which warms up. */
function best(work: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let n = 0; n <= rounds; n += 1) {
    const before = processorMicros();
    work();
    if (n > 0) least = Math.min(least, processorMicros() - before);
  }
  return least;
}

/** All measures for one child, and one measure: median milliseconds of a child who comes back again and again. */
export function oneChild(measures: readonly ReadyMeasure[], resources: readonly Resource[]): number {
  const times = Array.from({ length: 201 }, () => {
    const started = performance.now();
    const slice = createSlice(resources);
    for (const { answer } of measures) answer?.(slice, at);
    return performance.now() - started;
  });
  return round(times.sort((a, b) => a - b)[100] ?? 0);
}

export function round(value: number): number {
  return Number(value.toFixed(value < 10 ? 2 : 1));
}

import { createHash } from 'node:crypto';
import type { ReadyMeasure } from '../types.ts';
import { needsOf, readsToday } from './needs.ts';
import { createSight, type Sight } from './sight.ts';

/** A measure with what is asked of it for every child, found once. */
export interface PreparedMeasure {
  measure: ReadyMeasure;
  name: string;
  /** Changes when the logic, a code list or the time zone does: a result of another one is out of date. */
  logicHash: string;
  valueSetHash: string;
  readsToday: boolean;
  /** Resource types that it reads, sorted. */
  types: readonly string[];
}

/** The measures that can run now. */
export interface Prepared {
  measures: readonly PreparedMeasure[];
  sight: Sight;
}

/** Prepares the measures whenever they are others than before; `all` answers with the same list as long as they are not. */
export function createPrepared(all: () => readonly ReadyMeasure[], zone: string): () => Prepared {
  let known: { of: readonly ReadyMeasure[]; prepared: Prepared } | undefined;
  return () => {
    const measures = all();
    if (known?.of !== measures) known = { of: measures, prepared: prepare(measures, zone) };
    return known.prepared;
  };
}

function prepare(measures: readonly ReadyMeasure[], zone: string): Prepared {
  return {
    measures: measures.map((measure) => {
      const valueSets = measure.valueSets.map(({ url, version, compose, expansion }) => [
        url,
        version,
        compose,
        expansion,
      ]);
      return {
        measure,
        name: measure.name,
        logicHash: `${measure.logicHash} ${zone}`,
        valueSetHash: createHash('sha256').update(JSON.stringify(valueSets)).digest('hex'),
        readsToday: readsToday(measure),
        types: [...new Set(needsOf(measure).map(({ type }) => type))].sort(),
      };
    }),
    sight: createSight(measures.map((measure) => ({ name: measure.name, needs: needsOf(measure) }))),
  };
}

import { createHash } from 'node:crypto';
import type { ReadyMeasure } from '../types.ts';
import { createDaysAhead, type DaysAhead } from './day.ts';
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
  /** Resource types that it reads, sorted: the same list as of other measures that read the same. */
  types: readonly string[];
  /** The days on which it has to be asked, from today on, each with its last instant: of logic that asks for today several, else one. */
  ahead(today: string): DaysAhead;
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
  const ahead = createDaysAhead(zone);
  const onlyToday = (today: string): DaysAhead => {
    const { days, moments } = ahead(today);
    return { days: days.slice(0, 2), moments: moments.slice(0, 1) };
  };
  const lists = new Map<string, readonly string[]>();
  const oneList = (types: readonly string[]) => {
    const key = types.join();
    const known = lists.get(key) ?? types;
    lists.set(key, known);
    return known;
  };
  return {
    measures: measures.map((measure) => {
      const asksForToday = readsToday(measure);
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
        readsToday: asksForToday,
        types: oneList([...new Set(needsOf(measure).map(({ type }) => type))].sort()),
        ahead: asksForToday ? ahead : onlyToday,
      };
    }),
    sight: createSight(measures.map((measure) => ({ name: measure.name, needs: needsOf(measure) }))),
  };
}

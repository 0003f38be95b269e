import type { r4 } from '../../fhir/types.ts';
import type { Counts, Tally } from '../counts.ts';
import type { CountedUnit } from '../currency/answer.ts';
import { type Stratum, unknownStratum } from '../stratum.ts';
import type { GroupDefinition, MeasureDefinition, SupplementalDefinition } from '../types.ts';

/** By what a group is split: a stratifier of the measure, or what is told of each child beside it (race, sex, payer). */
export interface Splitting {
  id: string;
  code?: r4.CodeableConcept;
  components: readonly { id: string; code?: r4.CodeableConcept }[];
  appliesTo?: readonly string[];
}

export interface GroupCounts {
  group: GroupDefinition;
  tally: Tally;
  split: { by: Splitting; strata: { stratum: Stratum; tally: Tally }[] }[];
}

/** Children who count alike, and how many they are. See `populationAnswers`. */
export interface CountedAnswer {
  answer: {
    groups: readonly { group: string; units: readonly CountedUnit[] }[];
    supplemental: Record<string, string[]>;
  };
  children: number;
}

/** Of a child with several values of one element: told as one stratum, so that strata add up to their total. */
export const severalValues: Stratum = '|several';

/** More different values than this are no strata: an identifier, or a text that everybody writes differently. */
const maxStrata = 40;

/** Adds up what a report tells, group by group, in the order of the measure. Every stratifier has a stratum for unknown when anybody is in it. */
export function addUp(measure: MeasureDefinition, answers: readonly CountedAnswer[]): GroupCounts[] {
  return measure.groups.map((group) => {
    const tally = emptyTally(group);
    const own = group.stratifiers.map((by) => ({ by: by as Splitting, strata: new Map<Stratum, Tally>() }));
    const told = splittingsBeside(measure, group).map((by) => ({ by, strata: new Map<Stratum, Tally>() }));
    for (const { answer, children } of answers) {
      const units = answer.groups.find((each) => each.group === group.id)?.units ?? [];
      for (const unit of units) {
        add(tally, unit, children);
        for (const { by, strata } of own) {
          const stratum = unit.strata[by.id];
          if (stratum !== undefined) add(stratumOf(strata, stratum, group), unit, children);
        }
        for (const { by, strata } of told) {
          add(stratumOf(strata, toldValue(answer.supplemental[by.id]), group), unit, children);
        }
      }
    }
    const split = [...own, ...told.filter(({ strata }) => strata.size <= maxStrata)].map(({ by, strata }) => ({
      by,
      strata: [...strata].sort(inOrder).map(([stratum, each]) => ({ stratum, tally: each })),
    }));
    return { group, tally, split };
  });
}

/** Unknown comes last: it is a row of its own, not the first thing that is read. */
function inOrder([a]: [Stratum, Tally], [b]: [Stratum, Tally]): number {
  if ((a === unknownStratum) !== (b === unknownStratum)) return a === unknownStratum ? 1 : -1;
  return a < b ? -1 : 1;
}

function splittingsBeside(measure: MeasureDefinition, group: GroupDefinition): Splitting[] {
  const taken = new Set(group.stratifiers.map(({ id }) => id));
  return measure.supplemental
    .filter(({ id, usage }) => usage === 'supplemental-data' && !taken.has(id))
    .map(({ id, code, description, expression }: SupplementalDefinition) => ({
      id,
      code: code ?? { text: description ?? expression },
      components: [{ id: 'value' }],
    }));
}

/** One value stands for itself; several are a stratum of their own. */
export function toldValue(values: readonly string[] = []): Stratum {
  return values.length > 1 ? severalValues : (values[0] ?? unknownStratum);
}

export function emptyTally(group: GroupDefinition): Tally {
  return { counts: Object.fromEntries(group.populations.map(({ id }) => [id, 0])), observations: {} };
}

function stratumOf(strata: Map<Stratum, Tally>, stratum: Stratum, group: GroupDefinition): Tally {
  const known = strata.get(stratum) ?? emptyTally(group);
  strata.set(stratum, known);
  return known;
}

function add({ counts, observations }: Tally, unit: CountedUnit, children: number): void {
  const times = unit.count * children;
  for (const id of unit.populations) counts[id] = (counts[id] ?? 0) + times;
  for (const [id, value] of Object.entries(unit.observations)) {
    const list = (observations[id] ?? []) as number[];
    observations[id] = list;
    for (let n = 0; n < times; n += 1) list.push(value);
  }
}

/** The effective counts of a proportion: who was to be counted, and who was counted as met. */
export function effective(group: GroupDefinition, counts: Counts): { numerator: number; denominator: number } {
  const count = (code: string) =>
    group.populations.reduce(
      (sum, population) => (population.code === code ? sum + (counts[population.id] ?? 0) : sum),
      0,
    );
  return {
    numerator: count('numerator') - count('numerator-exclusion'),
    denominator: count('denominator') - count('denominator-exclusion') - count('denominator-exception'),
  };
}

import { isShareOfChild } from './definition/scorings.ts';
import type { AggregateMethod, GroupDefinition, PopulationDefinition, Unit } from './types.ts';

/** How many units count in each population, by population id. */
export type Counts = Record<string, number>;

/** What a score is made of: counts, and every observation of the units, by id of the observation population. */
export interface Tally {
  counts: Counts;
  observations: Record<string, readonly number[]>;
}

/** The raw memberships of some units. Every population of the group has an entry. */
export function countsOf(group: GroupDefinition, units: readonly Unit[]): Counts {
  return tallyOf(group, units).counts;
}

export function tallyOf(group: GroupDefinition, units: readonly Unit[]): Tally {
  const counts: Counts = Object.fromEntries(group.populations.map(({ id }) => [id, 0]));
  const observations: Record<string, number[]> = {};
  for (const unit of units) {
    for (const id of unit.populations) counts[id] = (counts[id] ?? 0) + 1;
    for (const [id, value] of Object.entries(unit.observations)) {
      observations[id] ??= [];
      observations[id].push(value);
    }
  }
  return { counts, observations };
}

/**
 * The score before any rate unit: (N − NX) / (D − DX − DE) of a proportion; the same without exceptions, or with observations in
 * place of counts, of a ratio; the aggregated observations of a continuous variable; the mean of the children's own scores of a linear
 * or weighted composite. Undefined, not 0, when there is nothing to count, and for a cohort. Source: CQF measures, measure conformance.
 */
export function scoreOf(group: GroupDefinition, { counts, observations }: Tally): number | undefined {
  const count = (code: string) =>
    group.populations.reduce(
      (sum, population) => (population.code === code ? sum + (counts[population.id] ?? 0) : sum),
      0,
    );
  const observed = (about?: string) => {
    const population = observationOf(group, about);
    return population && aggregate(observations[population.id] ?? [], population.aggregateMethod ?? 'average');
  };
  if (group.scoring === 'cohort') return undefined;
  if (group.scoring === 'continuous-variable' || isShareOfChild(group.composite?.scoring)) return observed();
  const numerator = observationOf(group, 'numerator')
    ? observed('numerator')
    : count('numerator') - count('numerator-exclusion');
  const denominator = observationOf(group, 'denominator')
    ? observed('denominator')
    : count('denominator') - count('denominator-exclusion') - count('denominator-exception');
  if (numerator === undefined || denominator === undefined || denominator <= 0) return undefined;
  return numerator / denominator;
}

/** The observation about the population with this code, or the only one. */
function observationOf(group: GroupDefinition, about?: string): PopulationDefinition | undefined {
  return group.populations.find(({ code, criteriaReference }) => {
    if (code !== 'measure-observation') return false;
    return about === undefined || group.populations.find(({ id }) => id === criteriaReference)?.code === about;
  });
}

/** One number of many; undefined when there are none, but a count or a sum of none is 0. */
export function aggregate(values: readonly number[], method: AggregateMethod): number | undefined {
  // Sorted first: the order in which children arrive must not show in the last decimal.
  const sorted = [...values].sort((a, b) => a - b);
  const sum = sorted.reduce((total, value) => total + value, 0);
  if (method === 'count') return sorted.length;
  if (method === 'sum') return sum;
  if (sorted.length === 0) return undefined;
  if (method === 'average') return sum / sorted.length;
  if (method === 'minimum') return sorted[0];
  if (method === 'maximum') return sorted.at(-1);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

import { isShareOfChild } from '../definition/scorings.ts';
import type { GroupDefinition, GroupResult, Unit } from '../types.ts';

/** What one component found for a child: its group and that group's result. */
export interface ComponentResult {
  group: GroupDefinition;
  result: GroupResult;
  /** Of its component in weighted scoring. */
  weight: number;
}

/** How often the child could be served, and was: units of the denominator without exclusions and exceptions, and those in the numerator. */
interface Opportunities {
  count: number;
  met: number;
  weight: number;
}

function opportunitiesOf({ group, result, weight }: ComponentResult): Opportunities {
  const ids = (code: string) => group.populations.filter((population) => population.code === code).map(({ id }) => id);
  const denominator = ids('denominator');
  const left = [...ids('denominator-exclusion'), ...ids('denominator-exception')];
  const numerator = ids('numerator');
  const numeratorExclusion = ids('numerator-exclusion');
  const inAny = ({ populations }: Unit, wanted: readonly string[]) => wanted.some((id) => populations.includes(id));
  const counted = result.units.filter((unit) => inAny(unit, denominator) && !inAny(unit, left));
  // Where a lower score is better, not to be in the numerator is what was wanted.
  const isMet = (unit: Unit) =>
    (inAny(unit, numerator) && !inAny(unit, numeratorExclusion)) === (group.improvement === 'increase');
  return { count: counted.length, met: counted.filter(isMet).length, weight };
}

/**
 * Puts the answers of components together. Opportunity: every opportunity is a unit. All-or-nothing: the child is, and is met when every
 * opportunity was. Linear: the child is, and its share of opportunities met is its observation; weighted: the same with each opportunity counted
 * as its component weighs. Source: CQF measures, composite measures.
 */
export function compositeResult(group: GroupDefinition, components: readonly ComponentResult[]): GroupResult {
  const evidence = [...new Set(components.flatMap(({ result }) => result.evidence))].sort();
  const isEligible = components.some(({ result }) => result.units.length > 0);
  if (!isEligible) return { group: group.id, units: [], evidence };
  const all = components.map(opportunitiesOf).filter(({ count }) => count > 0);
  return { group: group.id, units: unitsOf(group, all), evidence };
}

function unitsOf({ composite }: GroupDefinition, all: readonly Opportunities[]): Unit[] {
  const sum = (amount: (each: Opportunities) => number) => all.reduce((total, each) => total + amount(each), 0);
  const [count, met] = [sum((each) => each.count), sum((each) => each.met)];
  const unit = (...populations: string[]): Unit => ({ populations, strata: {}, observations: {} });
  if (count === 0) return [unit('initial-population')];
  if (composite?.scoring === 'all-or-nothing') {
    return [unit('initial-population', 'denominator', ...(met === count ? ['numerator'] : []))];
  }
  if (isShareOfChild(composite?.scoring)) {
    const share = unit('initial-population', 'denominator', 'measure-observation');
    const isWeighted = composite?.scoring === 'weighted';
    const value = isWeighted
      ? sum((each) => each.met * each.weight) / sum((each) => each.count * each.weight)
      : met / count;
    return [{ ...share, observations: { 'measure-observation': value } }];
  }
  return Array.from({ length: count }, (_, n) =>
    unit('initial-population', 'denominator', ...(n < met ? ['numerator'] : [])),
  );
}

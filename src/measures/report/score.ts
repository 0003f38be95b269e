import type { r4 } from '../../fhir/types.ts';
import { scoreOf, type Tally } from '../counts.ts';
import { isShareOfChild } from '../definition/scorings.ts';
import { poissonLimits } from '../honest/poisson.ts';
import { type Limits, wilsonInterval } from '../honest/wilson.ts';
import type { GroupDefinition } from '../types.ts';
import { effective } from './add-up.ts';

/** On a score: of how many, and its limits. */
export const scoreBasisExtension = 'http://careweave.org/fhir/StructureDefinition/measure-score-basis';

/** Below this many, a rate says little: it is flagged, and left out of what is published. */
export const leastDenominator = 30;

export interface Score {
  /** In the unit of the group. */
  value: number;
  unit?: string;
  /** What it was divided by. */
  of: number;
  limits?: Limits & { method: 'Wilson score' | 'exact Poisson' };
  /** Fewer than 30. */
  isSmall: boolean;
}

/** The score with what one has to know to read it; undefined, not 0, when there is nobody to count. */
export function honestScore(group: GroupDefinition, tally: Tally): Score | undefined {
  const plain = scoreOf(group, tally);
  if (plain === undefined) return undefined;
  const factor = group.rateUnit?.factor ?? 1;
  const of = basisOf(group, tally);
  const score: Score = { value: plain * factor, of, isSmall: of < leastDenominator };
  if (group.rateUnit) score.unit = group.rateUnit.text;
  const limits = limitsOf(group, tally, of, factor);
  if (limits) score.limits = limits;
  return score;
}

/** How many stand behind a score: of a proportion the denominator, of time observed its sum, otherwise what was observed. */
function basisOf(group: GroupDefinition, { counts, observations }: Tally): number {
  const time = observedSum(group, observations, 'denominator');
  if (time !== undefined) return time;
  if (group.scoring === 'proportion' || group.scoring === 'ratio' || group.scoring === 'composite') {
    return effective(group, counts).denominator;
  }
  return Math.max(0, ...Object.values(observations).map(({ length }) => length));
}

function limitsOf(group: GroupDefinition, tally: Tally, of: number, factor: number): Score['limits'] {
  const { numerator } = effective(group, tally.counts);
  if (group.scoring === 'proportion' || (group.scoring === 'composite' && !isShareOfChild(group.composite?.scoring))) {
    const limits = wilsonInterval(numerator, of);
    return limits && { low: limits.low * factor, high: limits.high * factor, method: 'Wilson score' };
  }
  const events = observedSum(group, tally.observations, 'numerator');
  const time = observedSum(group, tally.observations, 'denominator');
  // Events over time: whole numbers of things that happened.
  const count = events ?? numerator;
  if (group.scoring !== 'ratio' || time === undefined || !(time > 0) || !Number.isInteger(count) || count < 0)
    return undefined;
  const limits = poissonLimits(count);
  return { low: (limits.low / time) * factor, high: (limits.high / time) * factor, method: 'exact Poisson' };
}

/** The sum of what was observed of the numerator or denominator, where the measure adds it up. */
function observedSum(group: GroupDefinition, observations: Tally['observations'], about: string): number | undefined {
  const population = group.populations.find(
    ({ code, criteriaReference, aggregateMethod }) =>
      code === 'measure-observation' &&
      (aggregateMethod === 'sum' || aggregateMethod === 'count') &&
      group.populations.find(({ id }) => id === criteriaReference)?.code === about,
  );
  if (!population) return undefined;
  const values = observations[population.id] ?? [];
  if (population.aggregateMethod === 'count') return values.length;
  return [...values].sort((a, b) => a - b).reduce((sum, value) => sum + value, 0);
}

/** As FHIR tells it. */
export function scoreQuantity({ value, unit, of, limits, isSmall }: Score): r4.Quantity {
  const basis: r4.Extension[] = [{ url: 'of', valueDecimal: of }];
  if (limits) {
    basis.push(
      { url: 'low', valueDecimal: limits.low },
      { url: 'high', valueDecimal: limits.high },
      { url: 'method', valueString: `${limits.method}, 95 %` },
    );
  }
  if (isSmall) basis.push({ url: 'smallDenominator', valueBoolean: true });
  return { extension: [{ url: scoreBasisExtension, extension: basis }], value, ...(unit !== undefined && { unit }) };
}

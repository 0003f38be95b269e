import type { AggregateMethod, CompositeScoring, Scoring } from '../types.ts';

/** Which populations a scoring must have and may have. Source: CQF measures, measure conformance, table of populations by scoring. */
export const populationsOfScoring: Readonly<
  Record<Scoring, { needs: readonly string[]; allows: readonly string[]; twice?: readonly string[] }>
> = {
  proportion: {
    needs: ['initial-population', 'denominator', 'numerator'],
    allows: ['denominator-exclusion', 'denominator-exception', 'numerator-exclusion'],
  },
  ratio: {
    needs: ['initial-population', 'denominator', 'numerator'],
    allows: ['denominator-exclusion', 'numerator-exclusion', 'measure-observation'],
    twice: ['initial-population', 'measure-observation'],
  },
  cohort: { needs: ['initial-population'], allows: [] },
  'continuous-variable': {
    needs: ['initial-population', 'measure-population', 'measure-observation'],
    allows: ['measure-population-exclusion'],
  },
  composite: { needs: [], allows: [] },
};

export const populationCodes: ReadonlySet<string> = new Set(
  Object.values(populationsOfScoring).flatMap(({ needs, allows }) => [...needs, ...allows]),
);

export function isScoring(code: string): code is Scoring {
  return Object.hasOwn(populationsOfScoring, code);
}

/** By the words that guides and measures have for them, in lower case. */
export const aggregateMethods: Readonly<Record<string, AggregateMethod>> = {
  sum: 'sum',
  average: 'average',
  avg: 'average',
  mean: 'average',
  median: 'median',
  minimum: 'minimum',
  min: 'minimum',
  maximum: 'maximum',
  max: 'maximum',
  count: 'count',
};

export const compositeScorings: Readonly<Record<string, CompositeScoring>> = {
  opportunity: 'opportunity',
  'all-or-nothing': 'all-or-nothing',
  linear: 'linear',
  weighted: 'weighted',
};

/** Scorings by which each child has a score of its own, whose mean is the measure's. */
export function isShareOfChild(scoring: CompositeScoring | undefined): boolean {
  return scoring === 'linear' || scoring === 'weighted';
}

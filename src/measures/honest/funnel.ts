import type { Limits } from './wilson.ts';

/** Quantiles of the standard normal for two-sided limits. */
const quantiles = { '95 %': 1.959963984540054, '99.8 %': 3.090232306167813 } as const;

/**
 * Control limits around a target proportion for a denominator of `of` (Spiegelhalter 2005, normal approximation), within 0 and 1. A site
 * outside of them differs from the target by more than chance of that size explains; over-dispersion is to be tested before a site is flagged.
 */
export function funnelLimits(target: number, of: number, level: keyof typeof quantiles): Limits {
  const half = quantiles[level] * Math.sqrt((target * (1 - target)) / of);
  return { low: Math.max(0, target - half), high: Math.min(1, target + half) };
}

/** The least counts whose cumulative binomial probability reaches 2.5 % and 97.5 %, of `of` trials at the target. */
export function binomialCounts(target: number, of: number): { low: number; high: number } {
  let cumulative = 0;
  let low: number | undefined;
  let logChoose = 0;
  for (let count = 0; count <= of; count += 1) {
    if (count > 0) logChoose += Math.log((of - count + 1) / count);
    cumulative += Math.exp(logChoose + count * Math.log(target) + (of - count) * Math.log(1 - target));
    if (low === undefined && cumulative >= 0.025) low = count;
    if (cumulative >= 0.975) return { low: low ?? count, high: count };
  }
  return { low: low ?? of, high: of };
}

/**
 * How much more sites differ than chance alone allows: the mean squared z-score, the tenth at each end drawn in to the rest (winsorised).
 * About 1 when chance explains it; limits are to be widened by its root when it is more. Undefined for fewer than two sites.
 */
export function overDispersion(target: number, sites: readonly { count: number; of: number }[]): number | undefined {
  if (sites.length < 2) return undefined;
  const scores = sites
    .map(({ count, of }) => (count / of - target) / Math.sqrt((target * (1 - target)) / of))
    .sort((a, b) => a - b);
  const cut = Math.floor(scores.length / 10);
  const least = scores[cut] ?? 0;
  const most = scores[scores.length - 1 - cut] ?? 0;
  return scores.reduce((sum, z) => sum + Math.min(most, Math.max(least, z)) ** 2, 0) / scores.length;
}

import { gammaQuantile } from './gamma.ts';
import type { Limits } from './wilson.ts';

/**
 * Exact 95 % limits of the mean of a Poisson count (Garwood 1936): half the chi-square quantiles with 2n and 2n + 2 degrees of freedom,
 * which are gamma quantiles of shape n and n + 1. `events` is a whole number, 0 or more.
 */
export function poissonLimits(events: number): Limits {
  return {
    low: events === 0 ? 0 : gammaQuantile(events, 0.025),
    high: gammaQuantile(events + 1, 0.975),
  };
}

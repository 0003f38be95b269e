import { describe, expect, test } from '@jest/globals';
import { binomialCounts, funnelLimits, overDispersion } from '../../../src/measures/honest/funnel.ts';
import { gammaCdf } from '../../../src/measures/honest/gamma.ts';
import { poissonLimits } from '../../../src/measures/honest/poisson.ts';
import { utilizationRate } from '../../../src/measures/honest/utilization.ts';
import { wilsonInterval } from '../../../src/measures/honest/wilson.ts';

describe('Wilson, 95 %', () => {
  test.each([
    [0, 0],
    [3, 2],
    [-1, 5],
    [1, Number.NaN],
  ])('%d of %d has no interval', (count, of) => {
    expect(wilsonInterval(count, of)).toBeUndefined();
  });

  test.each([
    [8, 10, 0.490162, 0.943318],
    [0, 10, 0, 0.277533],
    [10, 10, 0.722467, 1],
    [15, 30, 0.331541, 0.668459],
    [27, 30, 0.743789, 0.9654],
  ])('%d of %d', (count, of, low, high) => {
    expect(wilsonInterval(count, of)?.low).toBeCloseTo(low, 6);
    expect(wilsonInterval(count, of)?.high).toBeCloseTo(high, 6);
  });

  // Newcombe 1998, table I.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('%d of %d, as published', (count, of, low, high) => {
    expect(wilsonInterval(count, of)?.low).toBeCloseTo(low, 4);
    expect(wilsonInterval(count, of)?.high).toBeCloseTo(high, 4);
  });

  test('its limits are the proportions at which the count is just not surprising', () => {
    for (const [count, of] of [
      [3, 17],
      [40, 41],
      [250, 1000],
    ] as const) {
      for (const limit of Object.values(wilsonInterval(count, of) ?? {})) {
        expect(Math.abs(count / of - limit) / Math.sqrt((limit * (1 - limit)) / of)).toBeCloseTo(1.959964, 6);
      }
    }
  });
});

describe('Garwood, 95 %', () => {
  // The limits that tables of exact Poisson intervals print.
  test.each([
    [0, 0, 3.6889],
    [1, 0.0253, 5.5716],
    [2, 0.2422, 7.2247],
    [5, 1.6235, 11.6683],
    [10, 4.7954, 18.3904],
    [50, 37.111, 65.9188],
    [100, 81.364, 121.627],
  ])('%d events', (events, low, high) => {
    expect(poissonLimits(events).low).toBeCloseTo(low, 3);
    expect(poissonLimits(events).high).toBeCloseTo(high, 3);
  });

  /** P(N ≤ n) by adding it up. */
  function upTo(n: number, mean: number): number {
    let term = Math.exp(-mean);
    let sum = term;
    for (let k = 1; k <= n; k += 1) {
      term *= mean / k;
      sum += term;
    }
    return sum;
  }

  test('at its limits the tails are 2.5 % each', () => {
    for (const events of [1, 3, 12, 47, 300]) {
      const { low, high } = poissonLimits(events);
      expect(1 - upTo(events - 1, low)).toBeCloseTo(0.025, 9);
      expect(upTo(events, high)).toBeCloseTo(0.025, 9);
    }
  });

  test('the gamma distribution of shape 1 is the exponential', () => {
    for (const x of [0.01, 0.5, 2, 9]) expect(gammaCdf(1, x)).toBeCloseTo(1 - Math.exp(-x), 12);
    expect(gammaCdf(3, 0)).toBe(0);
  });
});

describe('events over time', () => {
  test('nobody enrolled has no rate', () => {
    expect(utilizationRate(0, 0, 'per 1,000 member-months')).toBeUndefined();
    expect(utilizationRate(2, Number.NaN, 'per 1,000 member-months')).toBeUndefined();
  });

  test('a rate by member-years is 12 times that by member-months, and says so', () => {
    const months = utilizationRate(30, 6000, 'per 1,000 member-months');
    const years = utilizationRate(30, 6000, 'per 1,000 member-years');
    expect(months).toMatchObject({ rate: 5, unit: 'per 1,000 member-months', events: 30, memberMonths: 6000 });
    expect(years).toMatchObject({ rate: 60, unit: 'per 1,000 member-years' });
    expect((years?.low ?? 0) / (months?.low ?? 1)).toBeCloseTo(12, 9);
    expect(months?.low).toBeCloseTo(20.2409 / 6, 3);
  });
});

describe('funnel limits around 0.80', () => {
  test.each([
    [20, 0.6247, 0.9753, 0.5236, 1],
    [50, 0.6891, 0.9109, 0.6252, 0.9748],
    [100, 0.7216, 0.8784, 0.6764, 0.9236],
    [200, 0.7446, 0.8554, 0.7126, 0.8874],
  ])('for %d', (of, low, high, lower, higher) => {
    expect(funnelLimits(0.8, of, '95 %').low).toBeCloseTo(low, 4);
    expect(funnelLimits(0.8, of, '95 %').high).toBeCloseTo(high, 4);
    expect(funnelLimits(0.8, of, '99.8 %').low).toBeCloseTo(lower, 4);
    expect(funnelLimits(0.8, of, '99.8 %').high).toBeCloseTo(higher, 4);
  });

  test.each([
    [20, 12, 19],
    [30, 19, 28],
    [50, 34, 45],
    [100, 72, 88],
    [200, 149, 171],
  ])('exact counts for %d', (of, low, high) => {
    expect(binomialCounts(0.8, of)).toEqual({ low, high });
  });

  test('over-dispersion is about 1 by chance, more when sites differ, and unknown for one site', () => {
    expect(overDispersion(0.8, [{ count: 8, of: 10 }])).toBeUndefined();
    const even = [-1, 1, -1, 1].map((z) => ({ count: 80 + 4 * z, of: 100 }));
    expect(overDispersion(0.8, even)).toBeCloseTo(1, 9);
    const wide = [-3, 3, -3, 3].map((z) => ({ count: 80 + 4 * z, of: 100 }));
    expect(overDispersion(0.8, wide)).toBeCloseTo(9, 9);
  });
});

import { expect, test } from '@jest/globals';
import { growth, tooFast } from './growth.ts';

/** So many steps of work that cannot be left out. */
function steps(many: number): number {
  let sum = 0;
  for (let step = 0; step < many; step += 1) sum = (sum * 31 + step) | 0;
  return sum;
}

test('what tries everything with everything grows too fast', () => {
  expect(growth((size) => () => steps(size * size), 6000)).toBeGreaterThan(tooFast);
});

test('what reads its input once, or ten times, does not', () => {
  expect(growth((size) => () => steps(size), 40_000_000)).toBeLessThan(tooFast);
  expect(growth((size) => () => steps(10 * size), 4_000_000)).toBeLessThan(tooFast);
});

test('what takes next to nothing is not compared', () => {
  expect(growth((size) => () => steps(size * size), 40)).toBe(1);
});

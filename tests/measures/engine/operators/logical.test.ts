import { expect, test } from '@jest/globals';
import { and, implies, not, or, xor } from '../../../../src/measures/engine/operators/logical.ts';
import type { Truth } from '../../../../src/measures/engine/values/types.ts';

const truths: Truth[] = [true, false, null];

/** What may come out when each unknown is taken for true and for false; unknown when both may. */
function possible(left: Truth, right: Truth, compute: (left: boolean, right: boolean) => boolean): Truth {
  const may = (truth: Truth) => (truth === null ? [true, false] : [truth]);
  const found = new Set(may(left).flatMap((one) => may(right).map((other) => compute(one, other))));
  return found.size === 1 ? found.has(true) : null;
}

test.each(truths.flatMap((left) => truths.map((right) => [left, right] as const)))('%s and %s', (left, right) => {
  expect(and(left, right)).toBe(possible(left, right, (one, other) => one && other));
  expect(or(left, right)).toBe(possible(left, right, (one, other) => one || other));
  expect(xor(left, right)).toBe(possible(left, right, (one, other) => one !== other));
  expect(implies(left, right)).toBe(possible(left, right, (one, other) => !one || other));
  expect(not(and(left, right))).toBe(or(not(left), not(right)));
  expect(not(not(left))).toBe(left);
  for (const third of truths) {
    expect(and(and(left, right), third)).toBe(and(left, and(right, third)));
    expect(or(or(left, right), third)).toBe(or(left, or(right, third)));
  }
});

test.each([1, 'true', 0])('what is no truth is unknown: %s', (value) => {
  expect([and(value, true), or(value, false), not(value), xor(value, true)]).toEqual([null, null, null, null]);
  expect([and(value, false), or(value, true)]).toEqual([false, true]);
});

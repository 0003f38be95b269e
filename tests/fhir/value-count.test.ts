import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hasMoreValues } from '../../src/fhir/value-count.ts';

function count(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, inner) => sum + count(inner), 1);
}

test('says exactly whether there are more values than that', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: -2, max: 2 }), (value, off) => {
      const most = count(value) + off;
      expect(hasMoreValues(value, most)).toBe(off < 0);
    }),
  );
});

test('is quick about what is far too much', () => {
  const many = { name: Array.from({ length: 1_000_000 }, () => ({ family: 'x' })) };
  const started = performance.now();
  expect(hasMoreValues(many, 1000)).toBe(true);
  expect(performance.now() - started).toBeLessThan(50);
});

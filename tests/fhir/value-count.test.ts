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

test('does not look into a list that is far too long', () => {
  let read = 0;
  const one = {
    get family() {
      read += 1;
      return 'x';
    },
  };
  expect(hasMoreValues({ name: Array.from({ length: 2000 }, () => one) }, 1000)).toBe(true);
  expect(read).toBe(0);
  expect(hasMoreValues({ name: [one] }, 1000)).toBe(false);
  expect(read).toBe(1);
});

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { rememberedNumbers, workedOut } from '../../src/store/numbers.ts';

test('what is remembered is what would be worked out, also when it is forgotten in between', () => {
  const part = fc.constantFrom('', 'a', 'b', 'a\u0000b', 'Patient', '__proto__');
  const numbers = rememberedNumbers(7);
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), part, (parts, other) => {
      const number = workedOut.hash(...parts);
      expect(numbers.hash(...parts)).toBe(number);
      const mask = workedOut.hash(other);
      const mixed = numbers.xor(number, mask);
      expect(mixed).toBe(workedOut.xor(number, mask));
      expect(numbers.xor(mixed, mask)).toBe(number);
    }),
    { numRuns: 500 },
  );
});

test('numbers stay within 64 bits with a sign', () => {
  const least = (-(2n ** 63n)).toString();
  expect(workedOut.xor(least, '-1')).toBe((2n ** 63n - 1n).toString());
  expect(workedOut.xor(least, '0')).toBe(least);
});

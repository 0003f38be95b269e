import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { hash64 } from '../../src/store/hash.ts';

test('a name has the first 64 bits of its SHA-1, whatever its characters: what is stored is found for ever', () => {
  const names = [
    [''],
    ['a', 'b'],
    ['a\u0000b'],
    ['é', '日本'],
    ['\ud800'],
    ['x'.repeat(10_000)],
    ...Array.from({ length: 2000 }, (_, at) => [`${at}`, 'p']),
  ];
  for (const parts of names) {
    const expected = createHash('sha1').update(parts.join('\u0000')).digest().readBigInt64BE(0).toString();
    expect(hash64(...parts)).toBe(expected);
  }
});

test('parts are kept apart', () => {
  expect(hash64('ab', 'c')).not.toBe(hash64('a', 'bc'));
});

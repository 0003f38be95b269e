import { describe, expect, test } from '@jest/globals';
import { guard, readPattern } from '../../../../src/measures/engine/operators/pattern.ts';
import { CqlFault } from '../../../../src/measures/engine/values/fault.ts';

describe('patterns that may take time without end are refused', () => {
  test.each([
    '(a+)+',
    '(a*)*b',
    '(a+)*',
    '([a-z]+)+$',
    '(a|a)*',
    '(a|ab)+',
    '(\\d+|x)*',
    '(.*a){20,}',
    '(?:a+)+',
    '((a)+)+',
    '(\\w|\\d)+',
    '(a|[ab])*',
    '(a)\\1',
    '(?<x>a)\\k<x>',
    '(a{1,}){2,}',
    '(|a)+',
    'a'.repeat(1001),
    '(',
    '[',
    'a**',
    '(?<=a)+b',
  ])('%s', (source) => {
    expect(typeof readPattern(source)).toBe('string');
  });
});

test.each([
  ['abc', 1e7],
  ['a+', 1e7],
  ['^[A-Z]{2}\\d{3}$', 1e7],
  ['(foo|bar)+', 1e7],
  ['a+b+', 3162],
  ['.*-.*-.*', 215],
  ['\\(a+\\)+', 3162],
  ['[(+*)]+', 1e7],
  ['a{2,5}', 1e7],
])('%s may be tried on texts of %s characters', (source, length) => {
  expect(readPattern(source)).toEqual({ source, textLength: length });
});

test('a text that is too long for a pattern stops the evaluation, and is not named', () => {
  const pattern = readPattern('.*-.*-.*');
  if (typeof pattern === 'string') throw new Error(pattern);
  expect(() => guard(pattern, 'secret'.repeat(50))).toThrow(CqlFault);
  expect(() => guard(pattern, 'secret'.repeat(50))).not.toThrow(/secret/);
  expect(() => guard(pattern, 'short')).not.toThrow();
});

import { expect, test } from '@jest/globals';
import { limits } from '../../src/base/limits.ts';
import { createShapeNames } from '../../src/store/shape-names.ts';

test('a text gets a name once it has come often, and keeps it', () => {
  const nameOf = createShapeNames();
  const asked = Array.from({ length: 6 }, () => nameOf('SELECT 1'));
  expect(asked.slice(0, 4)).toEqual([undefined, undefined, undefined, undefined]);
  expect(asked[4]).toMatch(/^shape -?\d+$/);
  expect(asked[5]).toBe(asked[4]);
});

test('two texts never share a name', () => {
  const nameOf = createShapeNames();
  const named = (text: string) => Array.from({ length: 5 }, () => nameOf(text)).at(-1);
  expect(named('SELECT 1')).not.toBe(named('SELECT 2'));
});

test('there are only so many names, whatever is asked', () => {
  const nameOf = createShapeNames();
  const texts = Array.from({ length: limits.database.namedShapes + 50 }, (_, at) => `SELECT ${at}`);
  const names = texts.map((text) => Array.from({ length: 6 }, () => nameOf(text)).at(-1));
  expect(names.filter((name) => name !== undefined)).toHaveLength(limits.database.namedShapes);
});

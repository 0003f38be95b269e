import { describe, expect, test } from '@jest/globals';
import { parseJson, stringifyJson } from '../../../src/fhir/json.ts';
import { parseJsonPatch } from '../../../src/fhir/patch/json-patch.ts';

const text =
  '{"resourceType":"Observation","id":"o","a":[1,2],"b":{"c":"d","m~n":1,"x/y":2},"valueQuantity":{"value":12.50}}';

/** The result as text, or the kind of the error. */
function patched(operations: unknown): string {
  const patch = parseJsonPatch(operations);
  if (!patch.ok) return patch.error.kind;
  const result = patch.value(parseJson(text));
  return result.ok ? stringifyJson(result.value) : result.error.kind;
}

describe('refusals', () => {
  test.each<[string, unknown, string]>([
    ['no list', { op: 'add' }, 'invalid'],
    ['no operation', [], 'invalid'],
    ['an unknown op', [{ op: 'merge', path: '/a' }], 'invalid'],
    ['no path', [{ op: 'remove' }], 'invalid'],
    ['no value', [{ op: 'add', path: '/z' }], 'invalid'],
    ['no from', [{ op: 'move', path: '/z' }], 'invalid'],
    ['a path without a slash', [{ op: 'remove', path: 'a' }], 'invalid'],
    ['a bad escape', [{ op: 'remove', path: '/a~2' }], 'invalid'],
    ['a way to the prototype', [{ op: 'add', path: '/__proto__/polluted', value: 1 }], 'invalid'],
    ['a way to the constructor', [{ op: 'add', path: '/constructor/prototype/x', value: 1 }], 'invalid'],
    ['an inherited name', [{ op: 'remove', path: '/toString' }], 'unprocessable'],
    ['removing nothing', [{ op: 'remove', path: '/none' }], 'unprocessable'],
    ['replacing nothing', [{ op: 'replace', path: '/none', value: 1 }], 'unprocessable'],
    ['replacing behind the end', [{ op: 'replace', path: '/a/-', value: 1 }], 'unprocessable'],
    ['adding beyond the end', [{ op: 'add', path: '/a/3', value: 1 }], 'unprocessable'],
    ['an index with a leading zero', [{ op: 'remove', path: '/a/01' }], 'unprocessable'],
    ['adding where there is no parent', [{ op: 'add', path: '/none/x', value: 1 }], 'unprocessable'],
    ['adding into a string', [{ op: 'add', path: '/b/c/x', value: 1 }], 'unprocessable'],
    ['adding into a decimal', [{ op: 'add', path: '/valueQuantity/value/x', value: 1 }], 'unprocessable'],
    ['moving into itself', [{ op: 'move', from: '/b', path: '/b/c' }], 'invalid'],
    ['a test that does not hold', [{ op: 'test', path: '/b/c', value: 'e' }], 'unprocessable'],
    ['a test of nothing', [{ op: 'test', path: '/none', value: 'e' }], 'unprocessable'],
    ['copies that nest', Array.from({ length: 100 }, () => ({ op: 'copy', from: '/b', path: '/b/-' })), 'too-large'],
    ['copies that double', Array.from({ length: 40 }, () => ({ op: 'copy', from: '/a', path: '/a/-' })), 'too-large'],
  ])('%s', (_name, operations, kind) => {
    expect(patched(operations)).toBe(kind);
  });
  test('the text names the operation and quotes no value', () => {
    const patch = parseJsonPatch([
      { op: 'test', path: '/b/c', value: 'd' },
      { op: 'test', path: '/b/c', value: 'secret' },
    ]);
    const result = patch.ok ? patch.value(parseJson(text)) : patch;
    expect(result).toMatchObject({
      ok: false,
      error: { issues: [{ text: 'Patch operation 1: the test does not hold.' }] },
    });
  });
});

describe('operations', () => {
  const json = (operations: unknown) => JSON.parse(patched(operations));
  test('add, replace, remove, move, copy and test do what RFC 6902 says', () => {
    expect(json([{ op: 'add', path: '/a/1', value: 9 }]).a).toEqual([1, 9, 2]);
    expect(json([{ op: 'add', path: '/a/-', value: 9 }]).a).toEqual([1, 2, 9]);
    expect(json([{ op: 'add', path: '/b/c', value: 'new' }]).b.c).toBe('new');
    expect(json([{ op: 'replace', path: '/a/0', value: 9 }]).a).toEqual([9, 2]);
    expect(json([{ op: 'remove', path: '/a/0' }]).a).toEqual([2]);
    expect(json([{ op: 'move', from: '/a/0', path: '/a/1' }]).a).toEqual([2, 1]);
    expect(json([{ op: 'copy', from: '/b', path: '/e' }]).e).toEqual(JSON.parse(text).b);
    expect(json([{ op: 'remove', path: '/b/m~0n' }]).b['m~n']).toBeUndefined();
    expect(json([{ op: 'remove', path: '/b/x~1y' }]).b['x/y']).toBeUndefined();
    expect(json([{ op: 'test', path: '/valueQuantity', value: { value: 12.5 } }])).toEqual(JSON.parse(text));
  });
  test('decimals keep their digits: those that stay, and those that come', () => {
    expect(patched([{ op: 'add', path: '/b/z', value: true }])).toContain('"value":12.50');
    expect(patched([{ op: 'copy', from: '/valueQuantity', path: '/b/q' }]).match(/12\.50/g)).toHaveLength(2);
    const operations = parseJson('[{"op":"replace","path":"/valueQuantity/value","value":3.00}]');
    expect(patched(operations)).toContain('"value":3.00');
  });
  test('a list that a removal empties is gone; an empty one that was sent stays, to be refused later', () => {
    expect(
      json([
        { op: 'remove', path: '/a/0' },
        { op: 'remove', path: '/a/0' },
      ]),
    ).not.toHaveProperty('a');
    expect(json([{ op: 'add', path: '/z', value: [] }]).z).toEqual([]);
  });
  test('what is patched, and the patch itself, stay as they were', () => {
    const patch = parseJsonPatch([
      { op: 'add', path: '/n', value: { list: [1] } },
      { op: 'add', path: '/n/list/-', value: 2 },
    ]);
    const document = parseJson(text);
    for (let round = 0; round < 2; round++) {
      const result = patch.ok ? patch.value(document) : patch;
      expect(result).toMatchObject({ ok: true, value: { n: { list: [1, 2] } } });
    }
    expect(stringifyJson(document)).toBe(text);
  });
});

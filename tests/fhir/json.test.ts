import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from '../../src/base/limits.ts';
import { parseJson, parseJsonStrict, plain, stringifyJson } from '../../src/fhir/json.ts';

function refusal(text: string): string {
  const parsed = parseJsonStrict(text);
  if (parsed.ok) throw new Error('was accepted');
  expect(parsed.error.kind).toBe('invalid');
  return parsed.error.issues[0]?.text ?? '';
}

describe('strict JSON', () => {
  test.each([
    ['a property named twice', '{"a":1,"b":2,"a":3}', /'a' twice/],
    ['twice in two spellings', '{"a":1,"\\u0061":2}', /'a' twice/],
    ['twice deep inside', '{"x":[{"y":{"a":1,"a":1}}]}', /'a' twice/],
    ['a property that reaches the prototype', '{"__proto__":{"admin":true}}', /__proto__/],
    ['the same with an escape', '{"\\u005f_proto__":{"admin":true}}', /__proto__/],
    ['nesting without end', `${'['.repeat(100_000)}`, /64 levels/],
    ['nesting of objects', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, /64 levels/],
    ['no text', '', /not well-formed/],
    ['an open string', '{"a":"}', /not well-formed/],
    ['a trailing comma', '{"a":1,}', /not well-formed/],
    ['two values', '{} {}', /not well-formed/],
  ])('refuses %s', (_name, text, reason) => {
    expect(refusal(text)).toMatch(reason);
  });

  test('does not quote the body in the error', () => {
    expect(refusal('{"family": Mustermann}')).not.toContain('Muster');
    expect(refusal('{"Jane Doe 1":1,"Jane Doe 1":2}')).not.toContain('Jane');
  });

  test('the same name in different objects is fine, and so are braces in strings', () => {
    const text = '{"a":{"a":"{\\"a\\":["},"b":[{"a":1},{"a":2}],"c":"\\\\"}';
    expect(parseJsonStrict(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });

  test('a byte order mark is no error', () => {
    expect(parseJsonStrict('\uFEFF{}')).toEqual({ ok: true, value: {} });
  });
});

describe('numbers keep their digits', () => {
  test.each([
    '1.10',
    '0.0',
    '-0',
    '-0.0',
    '1E5',
    '1e-7',
    '0.0000001',
    '12345678901234567890',
    '1e400',
    '0.1000000000000000055',
    '100.00',
  ])('%s', (number) => {
    for (const text of [`{"a":${number}}`, `[${number},${number}]`, `{"a":[{"b":${number}}]}`]) {
      expect(stringifyJson(parseJson(text))).toBe(text);
    }
  });

  test('plain gives numbers to compute with and leaves the original alone', () => {
    const value = parseJson('{"a":1.10}');
    expect(plain(value)).toEqual({ a: 1.1 });
    expect(stringifyJson(value)).toBe('{"a":1.10}');
  });

  test('any number text survives', () => {
    const digits = (min: number) =>
      fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: 20 });
    const number = fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.constantFrom('0', '1', '97', '12345678901234567'),
        fc.option(digits(1)),
        fc.option(fc.constantFrom('e5', 'E-3', 'e+20')),
      )
      .map(
        ([sign, whole, fraction, exponent]) =>
          `${sign}${whole}${fraction === null ? '' : `.${fraction}`}${exponent ?? ''}`,
      );
    fc.assert(
      fc.property(number, (text) => {
        expect(stringifyJson(parseJson(`{"a":[${text}]}`))).toBe(`{"a":[${text}]}`);
      }),
      { numRuns: 2000 },
    );
  });

  test('any JSON document survives', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(stringifyJson(parseJson(text)))).toEqual(JSON.parse(text));
      }),
    );
  });
});

test('a body of countless tiny values is refused before they take their room', () => {
  const many = `[${'{},'.repeat(limits.http.jsonValues / 2)}{}]`;
  expect(parseJsonStrict(many)).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  const text = `{"a":"${',{['.repeat(limits.http.jsonValues)}"}`;
  expect(parseJsonStrict(text).ok).toBe(true);
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { add, compareDecimals, multiply, parseDecimal } from '../../../src/fhir/decimal.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import type { SearchValue } from '../../../src/fhir/search/query.ts';
import { baseUrl, builtDefinitions } from '../support/built.ts';

const definitions = builtDefinitions();

function parse(type: string, name: string, value: string, handling: 'strict' | 'lenient' = 'strict') {
  return parseSearch(definitions, type, [[name, value]], { handling, baseUrl });
}
function values(type: string, name: string, value: string): SearchValue[] {
  const parsed = parse(type, name, value);
  if (!parsed.ok) throw new Error(parsed.error.issues[0]?.text);
  return parsed.value.query.filters.flatMap((criterion) => (criterion.kind === 'filter' ? criterion.values : []));
}
function range(value: string) {
  const [found] = values('RiskAssessment', 'probability', value);
  if (found?.kind !== 'number') throw new Error('no number');
  return [found.prefix, found.from, found.to];
}

describe('refused, naming the parameter and no value', () => {
  const bad: [type: string, name: string, value: string][] = [
    ...[
      '',
      'x',
      'gt',
      '1,',
      '.5',
      '5.',
      '--1',
      '1e',
      'Infinity',
      'NaN',
      '0x10',
      '1 2',
      'GT5',
      'xx5',
      '1|2',
      'ge 5',
    ].map((value): [string, string, string] => ['RiskAssessment', 'probability', value]),
    ['RiskAssessment', 'probability', '1e999999999'],
    ['RiskAssessment', 'probability', '1e-201'],
    ['RiskAssessment', 'probability', '0e999999999'],
    ['RiskAssessment', 'probability', '1'.repeat(101)],
    ['RiskAssessment', 'probability', '1'.repeat(100_000)],
    ['RiskAssessment', 'probability', `1e${'9'.repeat(100_000)}`],
    ['RiskAssessment', 'probability:exact', '1'],
    ...['|', '||kg', '|http://unitsofmeasure.org|kg', '5|kg', '5|a|b|c', 'kg', '5|', 'gt|a|b'].map(
      (value): [string, string, string] => ['Observation', 'value-quantity', value],
    ),
    ['Observation', 'value-quantity', `5||${'('.repeat(100_000)}x`.replace('5', 'x')],
    ['Observation', 'value-quantity:not', '5'],
    ...['a', 'a$', '$5', 'a$x', 'a$5$6', '', 'a\\$5', '$'].map((value): [string, string, string] => [
      'Observation',
      'code-value-quantity',
      value,
    ]),
    ['Observation', 'code-value-quantity:not', 'a$5'],
    ['Observation', 'code-value-quantity:exact', 'a$5'],
    ['MolecularSequence', 'chromosome-variant-coordinate', 'a$1'],
    ...[
      '',
      '1',
      '1|',
      '|1',
      '91|0',
      '0|181',
      '0|-180.1',
      'x|y',
      '1|2|-1',
      '1|2|x',
      '1|2|3|kg',
      '1|2|3|parsec|',
      '1e1|2',
    ].map((value): [string, string, string] => ['Location', 'near', value]),
    ['Location', 'near', '1|2|3|furlongs'],
    ['Location', 'near', `1|${'2'.repeat(100_000)}`],
    ['Location', 'near:below', '1|2'],
    ['Location', '_sort', 'near'],
    ['Observation', '_sort', 'code-value-quantity'],
  ];
  test.each(bad)('%s?%s=%.30s', (type, name, value) => {
    const parsed = parse(type, name, value);
    if (parsed.ok) throw new Error('was accepted');
    expect(parsed.error.kind).toBe('invalid');
    const [code = ''] = name === '_sort' ? [value] : name.split(':');
    expect(parsed.error.issues[0]?.text).toContain(code);
    if (value.length > 3 && name !== '_sort') expect(parsed.error.issues[0]?.text).not.toContain(value);
    // Lenient: left out and named.
    const lenient = parse(type, name, value, 'lenient');
    expect(lenient).toMatchObject({ ok: true, value: { ignored: [name] } });
  });
});

describe('the implied precision (R4, search.html#number)', () => {
  test.each([
    ['100', ['eq', '99.5', '100.5']],
    ['eq100.00', ['eq', '99.995', '100.005']],
    ['1e2', ['eq', '95', '105']],
    ['1.00e2', ['eq', '99.5', '100.5']],
    ['5.40e-3', ['eq', '0.005395', '0.005405']],
    ['ne0', ['ne', '-0.5', '0.5']],
    ['-2.0', ['eq', '-2.05', '-1.95']],
    ['007', ['eq', '6.5', '7.5']],
    ['gt8e-1', ['gt', '0.8', '0.8']],
    ['ge100', ['ge', '100', '100']],
    ['sa1.5', ['sa', '1.5', '1.5']],
    ['ap100', ['ap', '90', '110']],
    ['ap-100', ['ap', '-110', '-90']],
    ['1e+2', ['eq', '95', '105']],
    ['1e 2', ['eq', '95', '105']],
  ])('%s', (asked, expected) => {
    expect(range(asked)).toEqual(expected);
  });

  test('is symmetric, and ten times as fine with every digit', () => {
    const digits = fc.tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 12 }));
    fc.assert(
      fc.property(digits, ([coefficient, places]) => {
        const text = plain(coefficient, places);
        const [, from = '', to = ''] = range(text);
        const [low, high, value] = [decimal(from), decimal(to), decimal(text)];
        // Twice the value is the sum of the ends.
        expect(compareDecimals(add(low, high), multiply(value, decimal('2')))).toBe(0);
        const width = add(high, multiply(low, decimal('-1')));
        expect(compareDecimals(width, { coefficient: 1n, exponent: -places })).toBe(0);
      }),
    );
  });
});

/** The decimal with exactly so many places. */
function plain(coefficient: bigint, places: number): string {
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const sign = coefficient < 0n ? '-' : '';
  return places === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-places)}`;
}

function decimal(text: string) {
  const found = parseDecimal(text);
  if (!found) throw new Error('no decimal');
  return found;
}

describe('quantities asked for', () => {
  const ucum = 'http://unitsofmeasure.org';
  const any = (value: string) => {
    const [found] = values('Observation', 'value-quantity', value);
    return found?.kind === 'quantity' ? found.any : undefined;
  };
  test('UCUM goes by canonical units, the precision converted as well', () => {
    expect(any(`7.5|${ucum}|[lb_av]`)).toEqual([
      { form: ['canonical', 'g'], from: '3379.2631565', to: '3424.6223935' },
    ]);
    expect(any(`37.0|${ucum}|Cel`)).toEqual([{ form: ['canonical', 'K'], from: '310.1', to: '310.2' }]);
    expect(any(`gt0.5|${ucum}|mg/dL`)).toEqual([{ form: ['canonical', 'm-3.g'], from: '5', to: '5' }]);
  });
  test('what is no UCUM code, or measured on a logarithmic scale, stands for itself', () => {
    expect(any(`5|${ucum}|mmHg`)).toEqual([{ form: ['code', ucum, 'mmHg'], from: '4.5', to: '5.5' }]);
    expect(any(`gt7.4|${ucum}|[pH]`)).toEqual([{ form: ['code', ucum, '[pH]'], from: '7.4', to: '7.4' }]);
    expect(any('5||kilogram')).toEqual([{ form: ['text', 'kilogram'], from: '4.5', to: '5.5' }]);
  });
  test('escapes; a unit alone; no unit', () => {
    expect(any('5||a\\|b\\,c')).toEqual([{ form: ['text', 'a|b,c'], from: '4.5', to: '5.5' }]);
    expect(any('5||g')?.map(({ form }) => form)).toEqual([
      ['canonical', 'g'],
      ['text', 'g'],
    ]);
    expect(any('5')?.map(({ form }) => form[1])).toEqual(['none', 'ucum', 'currency', 'other']);
    expect(any('5|urn:iso:std:iso:4217|USD')).toEqual([
      { form: ['code', 'urn:iso:std:iso:4217', 'USD'], from: '4.5', to: '5.5' },
    ]);
  });
});

describe('composites', () => {
  test('each part in its own grammar; \\$ and \\, are no separators', () => {
    const [value] = values('Observation', 'code-value-string', 'http://x.example|a\\$b$Some\\, \\$ text');
    expect(value).toEqual({
      kind: 'composite',
      parts: [
        { kind: 'token', system: 'http://x.example', code: 'a$b' },
        { kind: 'string', text: 'some, $ text' },
      ],
    });
    expect(values('Observation', 'code-value-quantity', 'a$gt5,b$lt3')).toHaveLength(2);
  });
  test('R4 swapped two definitions of `relationship`: the code comes first all the same', () => {
    expect(values('DocumentReference', 'relationship', 'replaces$DocumentReference/1')).toEqual([
      {
        kind: 'composite',
        parts: [
          { kind: 'token', code: 'replaces' },
          { kind: 'reference', type: 'DocumentReference', id: '1' },
        ],
      },
    ]);
  });
  test('every one of R4 is answered', () => {
    let count = 0;
    for (const type of definitions.types) {
      for (const { code, kind, composite } of definitions.searchParams(type).values()) {
        if (kind !== 'composite') continue;
        count += 1;
        const example = composite?.parts.map((part) =>
          part.kind === 'token' ? 'a' : part.kind === 'date' ? '2020' : '1',
        );
        expect(values(type, code, example?.join('$') ?? '')).toHaveLength(1);
      }
    }
    expect(count).toBeGreaterThan(60);
  });
});

describe('near', () => {
  test.each([
    ['42.25|-83.69', 50],
    ['42.25|-83.69||', 50],
    ['42.25|-83.69|11.2', 11.2],
    ['42.25|-83.69|11.2|km', 11.2],
    ['42.25|-83.69|500|m', 0.5],
    ['42.25|-83.69|1|mi', 1.609344],
    ['42.25|-83.69|1|[mi_i]', 1.609344],
    ['42.25|-83.69|0|km', 0],
  ])('%s', (asked, km) => {
    expect(values('Location', 'near', asked)).toEqual([{ kind: 'near', latitude: 42.25, longitude: -83.69, km }]);
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareDecimals, type Decimal, decimalText, parseDecimal } from '../../src/fhir/decimal.ts';
import { createUcum, toCanonical } from '../../src/fhir/ucum.ts';
import { growth, tooFast } from '../support/growth.ts';

const ucum = createUcum();

function canonical(value: string, code: string): string {
  const unit = ucum.unitOf(code);
  const decimal = parseDecimal(value);
  if (!unit || !decimal) throw new Error(`no ${code}`);
  return `${decimalText(toCanonical(decimal, unit))} ${unit.canonical}`;
}

describe('no units', () => {
  test.each(
    [
      [
        '',
        'kilogram',
        'mmHg',
        'KG',
        'lb',
        'Cel2',
        'Cel/s',
        'mEq',
        ' kg',
        'kg ',
        'k g',
        'é',
        '\u0000',
        '-',
        '/',
        '(',
        '{a',
      ],
      ['[pH]', 'B', 'dB', 'Np', '%[slope]', 'mCel'],
    ].flat(),
  )('%j', (code) => {
    expect(ucum.unitOf(code)).toBeUndefined();
  });

  test('hostile codes cost no more than their length', () => {
    for (const part of ['(', 'g.', '{', '/', '10*', '[lb_av]', 'k', '1', '((g)', '{x}g/', '\ud800']) {
      ucum.unitOf(part.repeat(90 / part.length));
      const read = (length: number) => () => ucum.unitOf(part.repeat(length / part.length));
      expect(growth(read, 400_000)).toBeLessThan(tooFast);
    }
  });

  test('more codes than are kept', () => {
    for (let power = 1; power < 4100; power += 1) expect(ucum.unitOf(`g${power % 4099}.m`)?.isExact ?? true).toBe(true);
    expect(canonical('1', 'kg')).toBe('1000 g');
  });
});

describe('known conversions (UCUM tables)', () => {
  test.each([
    ['3.4', 'kg', '3400 g'],
    ['7.5', '[lb_av]', '3401.942775 g'],
    ['16', '[oz_av]', '453.59237 g'],
    ['98.6', '[degF]', '310.15 K'],
    ['37', 'Cel', '310.15 K'],
    ['-40', '[degF]', '233.15 K'],
    ['-40', 'Cel', '233.15 K'],
    ['-459.67', '[degF]', '0 K'],
    ['80', '[degRe]', '373.15 K'],
    ['20', '[in_i]', '0.508 m'],
    ['90', 'mg/dL', '900 m-3.g'],
    ['120', 'mm[Hg]', '15998640 m-1.s-2.g'],
    ['60', '/min', '1 s-1'],
    ['1', 'Hz', '1 s-1'],
    ['22.5', 'kg/m2', '22500 m-2.g'],
    ['2', 'a', '63115200 s'],
    ['24', 'mo', '63115200 s'],
    ['5', '[IU]/mL', '5000000 m-3.[iU]'],
    ['5', 'k[iU]/L', '5000000 m-3.[iU]'],
    ['50', '%', '0.5 1'],
  ])('%s %s is %s', (value, code, expected) => {
    expect(canonical(value, code)).toBe(expected);
  });

  test('what measures something else has another canonical unit', () => {
    const names = ['g', 'm', 's', 'mmol/L', '10*9/L', 'eq/L', '[IU]/L', "[arb'U]/L", 'g/L', 'K', '1'].map(
      (code) => ucum.unitOf(code)?.canonical,
    );
    expect(new Set(names).size).toBe(names.length);
  });
});

/** Grams in one unit, as a fraction: by the definitions of the units, not by the library. */
const masses: Record<string, [bigint, bigint]> = {
  kg: [1000n, 1n],
  g: [1n, 1n],
  mg: [1n, 1000n],
  ug: [1n, 1_000_000n],
  t: [1_000_000n, 1n],
  // 7000 grains of 64.79891 mg.
  '[lb_av]': [45_359_237n, 100_000n],
  '[oz_av]': [45_359_237n, 1_600_000n],
  '[gr]': [6_479_891n, 100_000_000n],
};
const mass = fc.constantFrom(...Object.keys(masses));
const value = fc
  .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.integer({ min: -12, max: 6 }))
  .map(([coefficient, exponent]): Decimal => ({ coefficient, exponent }));

/** Compares two masses by whole numbers alone. */
function compareExactly(left: Decimal, leftCode: string, right: Decimal, rightCode: string): number {
  const [leftUp = 1n, leftDown = 1n] = masses[leftCode] ?? [];
  const [rightUp = 1n, rightDown = 1n] = masses[rightCode] ?? [];
  const scale = Math.min(left.exponent, right.exponent);
  const a = left.coefficient * 10n ** BigInt(left.exponent - scale) * leftUp * rightDown;
  const b = right.coefficient * 10n ** BigInt(right.exponent - scale) * rightUp * leftDown;
  return a < b ? -1 : a > b ? 1 : 0;
}

function inGrams(decimal: Decimal, code: string): Decimal {
  const unit = ucum.unitOf(code);
  if (!unit) throw new Error(`no ${code}`);
  return toCanonical(decimal, unit);
}

describe('units agree', () => {
  test('kg, g, mg, lb, oz and grains are in the order of their true masses, equal ones equal', () => {
    fc.assert(
      fc.property(value, mass, value, mass, (left, leftCode, right, rightCode) => {
        expect(compareDecimals(inGrams(left, leftCode), inGrams(right, rightCode))).toBe(
          compareExactly(left, leftCode, right, rightCode),
        );
      }),
      { numRuns: 5000 },
    );
  });

  test('one mass written in any metric unit is one number', () => {
    const metric = fc.constantFrom<[string, number]>(['kg', 3], ['g', 0], ['mg', -3], ['ug', -6], ['t', 6]);
    fc.assert(
      fc.property(value, metric, metric, (grams, [one, powerOne], [other, powerOther]) => {
        const written = (power: number) => ({ ...grams, exponent: grams.exponent - power });
        expect(decimalText(inGrams(written(powerOne), one))).toBe(decimalText(inGrams(written(powerOther), other)));
      }),
      { numRuns: 2000 },
    );
  });

  test('pounds written in grams are the same number, to the last digit', () => {
    fc.assert(
      fc.property(value, (pounds) => {
        const grams = { coefficient: pounds.coefficient * 45_359_237n, exponent: pounds.exponent - 5 };
        expect(decimalText(inGrams(pounds, '[lb_av]'))).toBe(decimalText(inGrams(grams, 'g')));
      }),
      { numRuns: 2000 },
    );
  });

  test('temperatures that are equal in Celsius and Fahrenheit are equal in kelvins', () => {
    // Tenths of a degree Celsius; Fahrenheit has two decimals then.
    fc.assert(
      fc.property(fc.integer({ min: -2731, max: 20_000 }), (tenths) => {
        const celsius = { coefficient: BigInt(tenths), exponent: -1 };
        const fahrenheit = { coefficient: BigInt(tenths) * 18n + 3200n, exponent: -2 };
        expect(decimalText(inGrams(fahrenheit, '[degF]'))).toBe(decimalText(inGrams(celsius, 'Cel')));
      }),
      { numRuns: 2000 },
    );
  });

  test('a factor without an end as a decimal rounds both sides alike: per day, hour, minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (perDay) => {
        const daily = inGrams({ coefficient: BigInt(perDay) * 1440n, exponent: 0 }, '/d');
        expect(decimalText(daily)).toBe(decimalText(inGrams({ coefficient: BigInt(perDay), exponent: 0 }, '/min')));
        const hourly = inGrams({ coefficient: BigInt(perDay) * 60n, exponent: 0 }, '/h');
        expect(decimalText(hourly)).toBe(decimalText(daily));
      }),
      { numRuns: 1000 },
    );
  });
});

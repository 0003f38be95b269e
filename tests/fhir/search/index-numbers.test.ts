import { describe, expect, test } from '@jest/globals';
import { parseJson } from '../../../src/fhir/json.ts';
import { numbersOf } from '../../../src/fhir/search/index-numbers.ts';
import { createUcum } from '../../../src/fhir/ucum.ts';
import { growth, tooFast } from '../../support/growth.ts';

const ucum = createUcum();
const of = (type: string, json: string) => numbersOf(type, parseJson(json), ucum);
const ends = (type: string, json: string) => of(type, json).map(({ form, low, high }) => [form.join(' '), low, high]);
const kg = '"system":"http://unitsofmeasure.org","code":"kg"';

describe('what gives no number', () => {
  test.each([
    ['decimal', '"5"'],
    ['decimal', 'true'],
    ['Quantity', '{"unit":"kg"}'],
    ['Quantity', '{"value":"5"}'],
    ['Quantity', '{"value":null}'],
    ['Quantity', '[]'],
    ['Range', '{}'],
    ['Range', '{"low":5,"high":[]}'],
    ['Range', '{"low":{"value":5,"unit":"a"},"high":{}}'.replace('5', '"5"')],
    ['Money', '{"currency":"USD"}'],
    ['SampledData', '{"origin":{"value":1}}'],
    ['SampledData', '{"origin":{"value":1},"data":"E x 1e"}'],
    ['SampledData', '{"data":"1 2"}'],
    ['BackboneElement', '{"latitude":5}'],
  ])('%s %s', (type, json) => {
    expect(of(type, json)).toEqual([]);
  });

  test('numbers of any size are written down short, in the time of their length', () => {
    for (const huge of [
      '1e999999999',
      '-1e999999999',
      '1e-999999999',
      '0e999999999',
      '1E+99999',
      `1e${'9'.repeat(99)}`,
    ]) {
      for (const code of ['kg', 'Cel', '[degF]', '/d']) {
        const found = of('Quantity', `{"value":${huge},"system":"http://unitsofmeasure.org","code":"${code}"}`);
        for (const { low, high } of found) expect(low.length + high.length).toBeLessThan(3000);
      }
      of('SampledData', `{"origin":{"value":${huge}},"factor":${huge},"data":"${huge} 1"}`);
    }
    const sampled = (length: number) => () =>
      of('SampledData', `{"origin":{"value":1},"data":"${'1.5 '.repeat(length / 4)}"}`);
    const digits = (length: number) => () => of('decimal', '9'.repeat(length));
    expect(growth(sampled, 400_000)).toBeLessThan(tooFast);
    expect(growth(digits, 400_000)).toBeLessThan(tooFast);
    expect(ends('Quantity', '{"value":1e999999999}')[0]?.[1]).toMatch(/^10{601}$/);
  });
});

describe('the forms of a value', () => {
  test.each<[string, string, string[][]]>([
    ['decimal', '1.10', [['any none', '1.1', '1.1']]],
    [
      'Quantity',
      `{"value":3.40,${kg},"unit":"kg"}`,
      [
        ['any ucum', '3.4', '3.4'],
        ['canonical g', '3400', '3400'],
      ],
    ],
    [
      'Quantity',
      `{"value":3.4,${kg},"unit":"kilo"}`,
      [
        ['any ucum', '3.4', '3.4'],
        ['canonical g', '3400', '3400'],
        ['text kilo', '3.4', '3.4'],
      ],
    ],
    [
      'Quantity',
      '{"value":3,"unit":"puffs"}',
      [
        ['any none', '3', '3'],
        ['text puffs', '3', '3'],
      ],
    ],
    [
      'Quantity',
      '{"value":3,"system":"http://x.example","code":"p","unit":"puff"}',
      [
        ['any other', '3', '3'],
        ['system http://x.example', '3', '3'],
        ['code http://x.example p', '3', '3'],
        ['text p', '3', '3'],
        ['text puff', '3', '3'],
      ],
    ],
    ['Quantity', '{"value":3,"comparator":">="}', [['any none', '3', 'Infinity']]],
    ['Range', '{"low":{"value":1},"high":{"value":2}}', [['any none', '1', '2']]],
    ['Range', '{"high":{"value":2}}', [['any none', '-Infinity', '2']]],
    [
      'Range',
      `{"low":{"value":500,"system":"http://unitsofmeasure.org","code":"g"},"high":{"value":2,${kg}}}`,
      [
        ['any ucum', '500', '2'],
        ['canonical g', '500', '2000'],
      ],
    ],
    [
      'Money',
      '{"value":19.99,"currency":"USD"}',
      [
        ['any currency', '19.99', '19.99'],
        ['code urn:iso:std:iso:4217 USD', '19.99', '19.99'],
        ['text USD', '19.99', '19.99'],
      ],
    ],
    ['SampledData', '{"origin":{"value":10},"factor":0.5,"data":"4 -2 E 1e1"}', [['any none', '9', '15']]],
    ['SampledData', '{"origin":{"value":10},"data":"L 4"}', [['any none', '-Infinity', '14']]],
    ['BackboneElement', '{"latitude":42.5,"longitude":-83}', [['place', '42.5', '-83']]],
  ])('%s %s', (type, json, expected) => {
    expect(ends(type, json)).toEqual(expected);
  });

  test('an end that is not in the range is a hair beside it', () => {
    const [[, low = '', high = ''] = []] = ends('Quantity', '{"value":5,"comparator":"<"}');
    expect(low).toBe('-Infinity');
    expect(high).toMatch(/^4\.9{40}$/);
  });
});

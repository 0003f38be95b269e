import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseJson } from '../../../src/fhir/json.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';
import { find as findIn, keep as keepIn } from './support/searching.ts';

let home: TestStore;
beforeAll(async () => {
  home = await createTestStore();
});
afterAll(() => home.drop());

const keep = (records: Record<string, string>) => keepIn(home, records);
const find = (search: string) => findIn(home, search);

const ucum = 'http://unitsofmeasure.org';
const risk = (probability: string) =>
  `{"resourceType":"RiskAssessment","status":"final","prediction":[${probability}]}`;

describe('numbers', () => {
  beforeAll(() =>
    keep({
      'n-0': risk('{"probabilityDecimal":0.80}'),
      'n-1': risk('{"probabilityDecimal":0.8000000000000000000000000001}'),
      'n-2': risk('{"probabilityDecimal":0.1},{"probabilityDecimal":8e-1}'),
      'n-3': risk('{"probabilityRange":{"low":{"value":0.2},"high":{"value":0.4}}}'),
      'n-4': risk('{"probabilityRange":{"low":{"value":0.9,"unit":"%"}}}'),
      'n-5': risk('{"qualitativeRisk":{"text":"low"}}'),
      'n-6': risk('{"probabilityDecimal":1e999999999}'),
      'n-7': risk('{"probabilityDecimal":-0.30}'),
    }),
  );
  const cases: [string, string[]][] = [
    ['0.8', ['n-0', 'n-1', 'n-2']],
    ['0.80', ['n-0', 'n-1', 'n-2']],
    ['gt0.8', ['n-1', 'n-4', 'n-6']],
    ['ge0.8', ['n-0', 'n-1', 'n-2', 'n-4', 'n-6']],
    ['lt0.8', ['n-2', 'n-3', 'n-7']],
    ['le0.20', ['n-2', 'n-3', 'n-7']],
    ['ge0.40', ['n-0', 'n-1', 'n-2', 'n-3', 'n-4', 'n-6']],
    ['gt0.40', ['n-0', 'n-1', 'n-2', 'n-4', 'n-6']],
    ['lt0.2', ['n-2', 'n-7']],
    ['sa0.4', ['n-0', 'n-1', 'n-2', 'n-4', 'n-6']],
    ['eb0.5', ['n-2', 'n-3', 'n-7']],
    ['ne0.8', ['n-2', 'n-3', 'n-4', 'n-6', 'n-7']],
    ['0.3', []],
    ['3e-1', []],
    ['-0.3', ['n-7']],
    ['0.3,-0.30', ['n-7']],
    ['ap-0.32', ['n-7']],
    ['ap0.85', ['n-0', 'n-1', 'n-2', 'n-4']],
    ['gt1e200', ['n-4', 'n-6']],
    ['sa1e200', ['n-6']],
  ];
  test.each(cases)('probability=%s finds %j', async (asked, ids) => {
    expect((await find(`RiskAssessment?probability=${asked}`)).sort()).toEqual(ids);
  });
  test(':missing', async () => {
    expect(await find('RiskAssessment?probability:missing=true')).toEqual(['n-5']);
    expect(await find('RiskAssessment?probability:missing=false')).toHaveLength(7);
  });
  test('_sort goes by number, page by page, those without a value last', async () => {
    const up = ['n-7', 'n-2', 'n-3', 'n-0', 'n-1', 'n-4', 'n-6', 'n-5'];
    expect(await find('RiskAssessment?_sort=probability&_count=2')).toEqual(up);
    const down = ['n-4', 'n-6', 'n-1', 'n-0', 'n-2', 'n-3', 'n-7', 'n-5'];
    expect(await find('RiskAssessment?_sort=-probability&_count=1')).toEqual(down);
  });
});

const weight = (value: string, unit: string, more = '') =>
  `{"resourceType":"Observation","status":"final","subject":{"reference":"Patient/p"},
    "code":{"coding":[{"system":"http://loinc.org","code":"8339-4"}]},"valueQuantity":{"value":${value},${unit}${more}}}`;
const coded = (code: string, unit = code) => `"system":"${ucum}","code":"${code}","unit":"${unit}"`;

describe('quantities', () => {
  beforeAll(() =>
    keep({
      'q-kg': weight('3.4', coded('kg')),
      'q-g': weight('3400', coded('g', 'gram')),
      'q-mg': weight('3.4e6', coded('mg')),
      'q-lb': weight('7.5', coded('[lb_av]', 'lb')),
      'q-text': weight('3.4', '"unit":"kg"'),
      'q-bare': weight('3.4', '"unit":""'),
      'q-less': weight('3.4', coded('kg'), ',"comparator":"<"'),
      'q-most': weight('3.4', coded('kg'), ',"comparator":"<="'),
      'q-other': weight('3.4', '"system":"http://units.example","code":"KG"'),
      'q-warm': weight('98.6', coded('[degF]')),
      'q-cel': weight('37.0', coded('Cel')),
      'q-ph': weight('7.4', coded('[pH]', 'pH')),
      'q-none': weight('null', coded('kg')),
    }),
  );
  const same = ['q-g', 'q-kg', 'q-mg'];
  const cases: [string, string[]][] = [
    [`3.4|${ucum}|kg`, ['q-g', 'q-kg', 'q-lb', 'q-mg']],
    [`3.40|${ucum}|kg`, ['q-g', 'q-kg', 'q-lb', 'q-mg']],
    [`3.400|${ucum}|kg`, same],
    [`3400|${ucum}|g`, same],
    [`34e2|${ucum}|g`, ['q-g', 'q-kg', 'q-lb', 'q-mg']],
    [`7.5|${ucum}|[lb_av]`, ['q-g', 'q-kg', 'q-lb', 'q-mg']],
    [`7.500|${ucum}|[lb_av]`, ['q-lb']],
    [`gt3.4|${ucum}|kg`, ['q-lb']],
    [`ge3.4|${ucum}|kg`, ['q-g', 'q-kg', 'q-lb', 'q-mg', 'q-most']],
    [`lt3400000|${ucum}|mg`, ['q-less', 'q-most']],
    [`eb3.4|${ucum}|kg`, ['q-less']],
    [`le3.4|${ucum}|kg`, ['q-g', 'q-kg', 'q-less', 'q-mg', 'q-most']],
    ['3.4||kg', ['q-g', 'q-kg', 'q-lb', 'q-mg', 'q-text']],
    ['3400||gram', ['q-g']],
    ['3.4|http://units.example|KG', ['q-other']],
    ['3.4|http://units.example|', ['q-other']],
    [`3.4|${ucum}|`, ['q-kg']],
    ['3.4', ['q-bare', 'q-kg', 'q-other', 'q-text']],
    ['3.4||', ['q-bare', 'q-kg', 'q-other', 'q-text']],
    [`37.0|${ucum}|Cel`, ['q-cel', 'q-warm']],
    [`98.6|${ucum}|[degF]`, ['q-cel', 'q-warm']],
    [`310.2|${ucum}|K`, ['q-cel', 'q-warm']],
    [`gt38|${ucum}|Cel`, []],
    [`7.4|${ucum}|[pH]`, ['q-ph']],
    ['7.4||pH', ['q-ph']],
    [`3.4|${ucum}|s`, []],
    [`3.4|${ucum}|kg,7.4||pH`, ['q-g', 'q-kg', 'q-lb', 'q-mg', 'q-ph']],
  ];
  const ids = (found: string[]) => found.filter((id) => id.startsWith('q-')).sort();
  test.each(cases)('value-quantity=%s finds %j', async (asked, expected) => {
    const query = `value-quantity=${encodeURIComponent(asked)}`;
    expect(ids(await find(`Observation?${query}`))).toEqual(expected);
    expect(ids(await find(`Observation?combo-${query}`))).toEqual(expected);
    // The way through one patient's records gives the same.
    expect(ids(await find(`Observation?patient=p&${query}`))).toEqual(expected);
    const [first = ''] = asked.split(',');
    const alone = ids(await find(`Observation?value-quantity=${encodeURIComponent(first)}`));
    const pair = (code: string) => `Observation?code-value-quantity=${code}$${encodeURIComponent(first)}`;
    expect(ids(await find(pair('http://loinc.org|8339-4')))).toEqual(alone);
    expect(ids(await find(pair('http://loinc.org|29463-7')))).toEqual([]);
  });
  test('a corrected record is found by what it says now', async () => {
    await keep({ 'q-moving': weight('50', coded('kg')) });
    const moved = parseJson(weight('60', coded('kg'))) as Resource;
    const written = await home.store.transact(testActor, (tx) => tx.update({ ...moved, id: 'q-moving' }));
    expect(written.ok).toBe(true);
    expect(await find(`Observation?value-quantity=50||kg`)).toEqual([]);
    expect(await find(`Observation?value-quantity=60||kg`)).toEqual(['q-moving']);
  });
  test('_sort goes by canonical unit and then by value, page by page', async () => {
    const order = await find('Observation?code=8339-4&_sort=value-quantity&_count=3');
    const masses = order.filter((id) => ['q-kg', 'q-g', 'q-mg', 'q-lb', 'q-moving'].includes(id));
    expect(masses).toEqual(['q-kg', 'q-g', 'q-mg', 'q-lb', 'q-moving']);
    expect(order.at(-1)).toBe('q-none');
    const back = await find('Observation?code=8339-4&_sort=-value-quantity&_count=3');
    expect(back.filter((id) => masses.includes(id))).toEqual(['q-moving', 'q-lb', 'q-kg', 'q-g', 'q-mg']);
    expect(back.at(-1)).toBe('q-none');
    expect([...back].sort()).toEqual([...order].sort());
  });
});

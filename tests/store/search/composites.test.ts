import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createTestStore, type TestStore } from '../../support/database.ts';
import { find, keep } from './support/searching.ts';

let home: TestStore;
beforeAll(async () => {
  home = await createTestStore();
});
afterAll(() => home.drop());

const loinc = 'http://loinc.org';
const ucum = 'http://unitsofmeasure.org';
const concept = (...codes: string[]) => ({ coding: codes.map((code) => ({ system: loinc, code })) });
const quantity = (value: number, code = 'mm[Hg]', unit = 'mmHg') => ({ value, system: ucum, code, unit });
const pressure = (systolic: number, diastolic: number, more: object[] = []) => ({
  resourceType: 'Observation',
  status: 'final',
  subject: { reference: 'Patient/p' },
  code: concept('85354-9'),
  component: [
    { code: concept('8480-6'), valueQuantity: quantity(systolic) },
    { code: concept('8462-4', 'other'), valueQuantity: quantity(diastolic) },
    ...more,
  ],
});
const answer = (code: string, value: string) => ({ code: concept(code), valueCodeableConcept: concept(value) });

/** What is found among everybody's records, and the same among one patient's. */
async function both(search: string): Promise<string[]> {
  const found = (await find(home, search)).sort();
  expect((await find(home, `${search}&patient=p`)).sort()).toEqual(found);
  return found;
}

describe('parts of one component', () => {
  beforeAll(() =>
    keep(home, {
      'c-high': pressure(140, 80),
      'c-low': pressure(110, 60),
      // As many millimetres of mercury, the other way round.
      'c-odd': pressure(80, 140),
      'c-kpa': {
        ...pressure(1, 1),
        component: [{ code: concept('8480-6'), valueQuantity: quantity(18.6651, 'kPa', 'kPa') }],
      },
      'c-answers': { ...pressure(1, 2), component: [answer('a', 'yes'), answer('b', 'no')] },
      'c-own': { ...pressure(1, 2), code: concept('8480-6'), component: undefined, valueQuantity: quantity(140) },
      'c-half': {
        ...pressure(1, 2),
        component: [{ code: concept('8480-6') }, { code: concept('x'), valueString: 'y' }],
      },
    }),
  );
  const cases: [string, string[]][] = [
    [`component-code-value-quantity=${loinc}|8480-6$140|${ucum}|mm[Hg]`, ['c-high', 'c-kpa']],
    [`component-code-value-quantity=8480-6$140||mmHg`, ['c-high']],
    [`component-code-value-quantity=8462-4$140||mm[Hg]`, ['c-odd']],
    [`component-code-value-quantity=other$gt100`, ['c-odd']],
    [`component-code-value-quantity=${loinc}|$140`, ['c-high', 'c-odd']],
    [`component-code-value-quantity=|8480-6$140`, []],
    [`component-code-value-quantity=8480-6$80,8462-4$60`, ['c-low', 'c-odd']],
    [`component-code-value-quantity=8480-6$ne140||mm[Hg]`, ['c-low', 'c-odd']],
    [`combo-code-value-quantity=8480-6$140||mm[Hg]`, ['c-high', 'c-kpa', 'c-own']],
    [`code-value-quantity=8480-6$140||mm[Hg]`, ['c-own']],
    [`component-code-value-concept=a$yes`, ['c-answers']],
    [`component-code-value-concept=${loinc}|a$${loinc}|no`, []],
    [`component-code-value-concept=a$no,b$yes`, []],
    [`combo-code-value-concept=${loinc}|$no`, ['c-answers']],
    [`component-code-value-quantity:missing=true`, ['c-answers', 'c-half', 'c-own']],
    [`component-code-value-concept:missing=false`, ['c-answers']],
    [`code-value-quantity:missing=false`, ['c-own']],
    [`combo-code-value-quantity:missing=true`, ['c-answers', 'c-half']],
  ];
  test.each(cases)('%s finds %j', async (asked, ids) => {
    expect(await both(`Observation?${encodeURI(asked).replaceAll('+', '%2B')}`)).toEqual(ids);
  });
});

describe('parts of the resource itself', () => {
  const observed = (code: string, value: object) => ({
    resourceType: 'Observation',
    status: 'final',
    subject: { reference: 'Patient/p' },
    code: concept(code),
    ...value,
  });
  beforeAll(() =>
    keep(home, {
      'r-text': observed('t', { valueString: 'Well, and growing' }),
      'r-other': observed('u', { valueString: 'Well' }),
      'r-concept': observed('t', { valueCodeableConcept: { text: 'Well', coding: [{ code: 'w' }] } }),
      'r-date': observed('d', { valueDateTime: '2024-02-29' }),
      'r-period': observed('d', { valuePeriod: { start: '2024-02', end: '2024-03' } }),
      'r-sampled': observed('s', {
        valueSampledData: { origin: quantity(10), period: 1, dimensions: 1, factor: 2, data: '1 E 2.5 4' },
      }),
      'r-edge': observed('s', {
        valueSampledData: { origin: quantity(10), period: 1, dimensions: 1, data: 'L 2.5 U', lowerLimit: 0 },
      }),
    }),
  );
  const cases: [string, string[]][] = [
    ['code-value-string=t$well', ['r-text']],
    ['code-value-string=t$growing', []],
    ['code-value-concept=t$w', ['r-concept']],
    ['code-value-concept=t$|w', ['r-concept']],
    ['code-value-concept=u$w', []],
    ['code-value-date=d$2024-02-29', ['r-date']],
    ['code-value-date=d$gt2024-02', ['r-period']],
    ['code-value-date=d$2024', ['r-date', 'r-period']],
    ['code-value-date=t$2024', []],
    // The bounds of sampled values are value-quantity's, not of the composite, which R4 defines for Quantity alone.
    ['value-quantity=gt17||mm[Hg]', ['c-own', 'r-edge', 'r-sampled']],
    ['value-quantity=sa11.9||mm[Hg]', ['c-own', 'r-sampled']],
    ['value-quantity=gt18||mm[Hg]', ['c-own', 'r-edge']],
    ['value-quantity=lt1||mm[Hg]', ['r-edge']],
    ['code-value-quantity=s$gt1', []],
  ];
  test.each(cases)('%s finds %j', async (asked, ids) => {
    expect(await both(`Observation?${encodeURI(asked)}`)).toEqual(ids);
  });
});

describe('other types', () => {
  beforeAll(() =>
    keep(home, {
      'm-1': {
        resourceType: 'MolecularSequence',
        coordinateSystem: 0,
        referenceSeq: { chromosome: concept('1'), windowStart: 10, windowEnd: 20, referenceSeqId: concept('NC') },
        variant: [
          { start: 12, end: 13 },
          { start: 15, end: 19 },
        ],
      },
      'd-1': {
        resourceType: 'DocumentReference',
        status: 'current',
        content: [{ attachment: { title: 'x' } }],
        relatesTo: [
          { code: 'replaces', target: { reference: 'DocumentReference/a' } },
          { code: 'signs', target: { reference: 'DocumentReference/b' } },
        ],
      },
      'g-1': {
        resourceType: 'Group',
        type: 'person',
        actual: true,
        characteristic: [
          { code: concept('x'), valueBoolean: true, exclude: false },
          { code: concept('y'), valueCodeableConcept: concept('z'), exclude: false },
        ],
      },
      'u-1': {
        resourceType: 'Questionnaire',
        status: 'draft',
        useContext: [
          {
            code: { system: 'http://terminology.hl7.org/CodeSystem/usage-context-type', code: 'age' },
            valueRange: { low: quantity(2, 'a', 'years'), high: quantity(48, 'mo', 'months') },
          },
          { code: { code: 'focus' }, valueCodeableConcept: concept('f') },
          { code: { code: 'weight' }, valueQuantity: quantity(5, 'kg', 'kg') },
        ],
      },
    }),
  );
  const cases: [string, string[]][] = [
    ['MolecularSequence?chromosome-variant-coordinate=1$ge12$le13', ['m-1']],
    ['MolecularSequence?chromosome-variant-coordinate=1$15$19', ['m-1']],
    // Start of the one, end of the other.
    ['MolecularSequence?chromosome-variant-coordinate=1$12$19', []],
    ['MolecularSequence?chromosome-variant-coordinate=1$19$15', []],
    ['MolecularSequence?chromosome-variant-coordinate=2$12$13', []],
    ['MolecularSequence?referenceseqid-variant-coordinate=NC$12$13', ['m-1']],
    ['MolecularSequence?chromosome-window-coordinate=1$10$20', ['m-1']],
    ['MolecularSequence?referenceseqid-window-coordinate=NC$gt10$20', []],
    ['DocumentReference?relationship=replaces$DocumentReference/a', ['d-1']],
    ['DocumentReference?relationship=replaces$a', ['d-1']],
    ['DocumentReference?relationship=replaces$DocumentReference/b', []],
    ['Group?characteristic-value=x$true', ['g-1']],
    ['Group?characteristic-value=x$z', []],
    ['Group?characteristic-value=y$http://loinc.org|z', ['g-1']],
    [`Questionnaire?context-type-quantity=age$gt36|${ucum}|mo`, ['u-1']],
    [`Questionnaire?context-type-quantity=age$lt2|${ucum}|a`, []],
    [`Questionnaire?context-type-quantity=age$5|${ucum}|kg`, []],
    [`Questionnaire?context-type-quantity=weight$5000|${ucum}|g`, ['u-1']],
    [`Questionnaire?context-quantity=5000|${ucum}|g`, ['u-1']],
    ['Questionnaire?context-type-value=focus$f', ['u-1']],
    ['Questionnaire?context-type-value=age$f', []],
  ];
  test.each(cases)('%s finds %j', async (asked, ids) => {
    expect(await find(home, encodeURI(asked))).toEqual(ids);
  });
});

describe('many codings', () => {
  const codes = (from: string, count: number) => Array.from({ length: count }, (_, at) => `${from}${at}`);
  test('thousands of combinations of one component are neither written out nor lost', async () => {
    await keep(home, {
      'w-wide': {
        ...pressure(1, 1),
        component: [
          { code: concept(...codes('v', 400)), valueCodeableConcept: concept(...codes('w', 400)) },
          { code: concept('v-other'), valueCodeableConcept: concept('w-other') },
        ],
      },
    });
    const ask = (pair: string) => both(`Observation?component-code-value-concept=${pair}`);
    expect(await ask('v399$w0')).toEqual(['w-wide']);
    expect(await ask('http://loinc.org|v7$http://loinc.org|w7')).toEqual(['w-wide']);
    expect(await ask('v-other$w-other')).toEqual(['w-wide']);
    expect(await ask('v-other$w7')).toEqual([]);
    expect(await ask('v7$w-other')).toEqual([]);
    expect(await ask('w7$v7')).toEqual([]);
  });
});

describe('many components', () => {
  const code = fc.constantFrom('k', 'l', 'm');
  const value = fc.constantFrom(1, 2, 3);
  const panel = fc.array(fc.record({ code, value }), { maxLength: 5 });
  test('a pair is found exactly when some component has both', async () => {
    const panels = fc.sample(panel, { numRuns: 60, seed: 7 });
    await keep(
      home,
      Object.fromEntries(
        panels.map((parts, at) => [
          `p-${at}`,
          {
            ...pressure(1, 1),
            component: parts.map((part) => ({
              code: concept(part.code),
              valueQuantity: quantity(part.value, 'g', 'g'),
            })),
          },
        ]),
      ),
    );
    let hits = 0;
    for (const asked of ['k', 'l', 'm']) {
      for (const [prefix, holds] of [
        ['', (one: number) => one === 2],
        ['gt', (one: number) => one > 2],
        ['ne', (one: number) => one !== 2],
      ] as const) {
        const expected = panels.flatMap((parts, at) =>
          parts.some((part) => part.code === asked && holds(part.value)) ? [`p-${at}`] : [],
        );
        hits += expected.length;
        const query = `component-code-value-quantity=${asked}$${prefix}2000|${ucum}|mg`;
        expect(await find(home, `Observation?${query}`)).toEqual(expected);
        expect(await find(home, `Observation?patient=p&${query}`)).toEqual(expected);
      }
    }
    expect(hits).toBeGreaterThan(100);
  });
});

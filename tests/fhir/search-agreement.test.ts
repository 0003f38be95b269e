import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escapeValue } from '../../src/fhir/search/escapes.ts';
import { createExtractor } from '../../src/fhir/search/extract.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { matches } from './search-oracle.ts';
import { baseUrl, builtDefinitions } from './support/built.ts';
import { matchesEntries } from './support/index-search.ts';

const definitions = builtDefinitions();
const extract = createExtractor(definitions, { baseUrl });

// Small pools on purpose, so that questions and answers meet often.
const system = fc.constantFrom('http://a.example', 'http://b.example');
const code = fc.constantFrom('1', '2', 'one,two', 'a|b', 'x\\y');
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const coding = fc.record({ system, code }, { requiredKeys: ['code'] });
const concept = fc.record(
  { coding: fc.array(coding, { minLength: 1, maxLength: 2 }), text: fc.constant('1') },
  { requiredKeys: ['coding'] },
);
const patientReference = fc
  .constantFrom('Patient/1', 'Patient/2', 'Group/1', 'Patient/1/_history/3', 'http://other.example/Patient/1')
  .map((reference) => ({ reference }));
const moment = fc.constantFrom(
  '2020',
  '2020-02',
  '2020-02-29',
  '2020-02-29T23:30:00Z',
  '2020-03-01T00:30:00+01:00',
  '2020-02-29T23:30:00.500Z',
  '2021-01-01',
);
const text = fc.constantFrom('Anna', 'ANNABEL', 'Ånna  Maria', 'Ö', 'o', 'Zoë', 'anna,b');
const period = fc
  .record({ start: moment, end: fc.constantFrom('2020-12-31', '2021-06') }, { requiredKeys: [] })
  .filter((p) => Object.keys(p).length > 0);
const clean = (value: object): Resource => JSON.parse(JSON.stringify(value));

const observation = fc
  .record({
    status: fc.constantFrom('final', 'amended'),
    code: concept,
    category: optional(fc.array(concept, { minLength: 1, maxLength: 2 })),
    subject: optional(patientReference),
    effectiveDateTime: optional(moment),
    effectivePeriod: optional(period),
    valueString: optional(text),
    valueCodeableConcept: optional(concept),
  })
  .map(({ effectivePeriod, valueCodeableConcept, ...rest }) =>
    clean({
      resourceType: 'Observation',
      ...rest,
      ...(rest.effectiveDateTime === undefined ? { effectivePeriod } : {}),
      ...(rest.valueString === undefined ? { valueCodeableConcept } : {}),
    }),
  );
const patient = fc
  .record({
    name: optional(
      fc.array(fc.record({ family: text, given: fc.array(text, { maxLength: 2, minLength: 1 }) }), {
        minLength: 1,
        maxLength: 2,
      }),
    ),
    identifier: optional(
      fc.array(fc.record({ system, value: code }, { requiredKeys: ['value'] }), { minLength: 1, maxLength: 2 }),
    ),
    gender: optional(fc.constantFrom('male', 'female')),
    birthDate: optional(fc.constantFrom('2020', '2020-02', '2020-02-29')),
    telecom: optional(
      fc.array(fc.record({ system: fc.constantFrom('phone', 'email'), value: code }), { minLength: 1, maxLength: 2 }),
    ),
    address: optional(
      fc.array(fc.record({ city: text, line: fc.array(text, { minLength: 1, maxLength: 2 }) }), {
        minLength: 1,
        maxLength: 1,
      }),
    ),
    deceasedBoolean: optional(fc.boolean()),
  })
  .map((value) => clean({ resourceType: 'Patient', ...value }));
const plan = fc
  .record({
    status: fc.constant('active'),
    intent: fc.constant('plan'),
    subject: patientReference,
    instantiatesUri: optional(
      fc.array(fc.constantFrom('http://a.example/x', 'http://b.example/y'), { minLength: 1, maxLength: 2 }),
    ),
    instantiatesCanonical: optional(
      fc.array(fc.constantFrom('http://a.example/p|1', 'http://a.example/p'), { minLength: 1, maxLength: 2 }),
    ),
    period: optional(period),
  })
  .map((value) => clean({ resourceType: 'CarePlan', ...value }));

const askedToken = fc.oneof(
  code.map(escapeValue),
  fc.tuple(system, code).map(([s, c]) => `${s}|${escapeValue(c)}`),
  code.map((c) => `|${escapeValue(c)}`),
  system.map((s) => `${s}|`),
);
const askedReference = fc.constantFrom(
  '1',
  'Patient/1',
  'Group/1',
  `${baseUrl}/Patient/2`,
  'http://other.example/Patient/1',
  'Patient/3',
);
const askedDate = fc
  .tuple(fc.constantFrom('', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'), moment)
  .map(([prefix, date]) => prefix + date);
const askedText = fc.constantFrom('anna', 'Ann', 'ÅNNA maria', 'Ö', 'zoe', 'maria', 'Zoë', 'anna\\,b');
const orList = (value: fc.Arbitrary<string>) =>
  fc.array(value, { minLength: 1, maxLength: 3 }).map((values) => values.join(','));
const flag = fc.constantFrom('true', 'false');
const ask = (name: string, value: fc.Arbitrary<string>) => orList(value).map((list): [string, string] => [name, list]);
const askMissing = (...names: string[]) =>
  fc.tuple(
    fc.constantFrom(...names).map((name) => `${name}:missing`),
    flag,
  );

const cases: [string, fc.Arbitrary<Resource>, fc.Arbitrary<[string, string]>][] = [
  [
    'Observation',
    observation,
    fc.oneof(
      ask('code', askedToken),
      ask('code:not', askedToken),
      ask('category', askedToken),
      ask('combo-code', askedToken),
      ask('value-concept', askedToken),
      ask('subject', askedReference),
      // The engine's resolve() knows local references only, so `patient` is asked for those.
      ask('patient', fc.constantFrom('1', 'Patient/1', 'Patient/2')),
      ask('subject:Patient', fc.constantFrom('1', 'Patient/2')),
      ask('date', askedDate),
      ask('value-string', askedText),
      askMissing('category', 'date', 'value-string', 'subject', 'value-concept'),
    ),
  ],
  [
    'Patient',
    patient,
    fc.oneof(
      ask('name', askedText),
      ask('name:exact', askedText),
      ask('name:contains', askedText),
      ask('family', askedText),
      ask('address', askedText),
      ask('address-city:contains', askedText),
      ask('identifier', askedToken),
      ask('identifier:not', askedToken),
      ask('gender', fc.constantFrom('male', 'female', '|male')),
      ask('birthdate', askedDate),
      ask('telecom', askedToken),
      ask('email', askedToken),
      ask('deceased', flag),
      askMissing('name', 'gender', 'email', 'birthdate'),
    ),
  ],
  [
    'CarePlan',
    plan,
    fc.oneof(
      ask('instantiates-uri', fc.constantFrom('http://a.example/x', 'http://a.example', 'http://b.example/y')),
      ask(
        'instantiates-canonical',
        fc.constantFrom('http://a.example/p', 'http://a.example/p\\|1', 'http://a.example/q'),
      ),
      ask('subject', askedReference),
      ask('date', askedDate),
      askMissing('date', 'instantiates-uri', 'instantiates-canonical'),
    ),
  ],
];

describe('index and question agree with the published expressions', () => {
  test.each(cases)('%s', (type, resources, parameters) => {
    let matched = 0;
    let asked = 0;
    fc.assert(
      fc.property(resources, fc.array(parameters, { minLength: 1, maxLength: 2 }), (resource, params) => {
        const parsed = parseSearch(definitions, type, params, { handling: 'strict', baseUrl });
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.error.issues));
        const expected = matches(definitions, resource, parsed.value.query);
        asked += 1;
        if (expected) matched += 1;
        expect(matchesEntries(extract(resource), parsed.value.query)).toBe(expected);
      }),
      { numRuns: 1500 },
    );
    // Agreement on nothing but misses would say little.
    expect(matched).toBeGreaterThan(asked / 20);
    expect(matched).toBeLessThan(asked);
  });
});

import { describe, expect, test } from '@jest/globals';
import { openEnd } from '../../src/fhir/date-range.ts';
import { parseJson } from '../../src/fhir/json.ts';
import { createExtractor, type IndexEntries } from '../../src/fhir/search/extract.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { baseUrl, builtDefinitions } from './support/built.ts';

const extract = createExtractor(builtDefinitions(), { baseUrl });
const of = (resourceType: string, elements: object) => extract({ resourceType, ...elements });
function own<K extends 'tokens' | 'references' | 'urls' | 'strings' | 'dates' | 'uris'>(
  entries: IndexEntries,
  kind: K,
  param: string,
) {
  return entries[kind].filter((entry) => entry.param === param).map(({ param: _, ...rest }) => rest);
}
const empty: IndexEntries = {
  tokens: [],
  references: [],
  urls: [],
  strings: [],
  dates: [],
  uris: [],
  forms: [],
  numbers: [],
  pairs: [],
  present: [],
  patients: [],
  subjects: 0,
};

describe('what gives no entry', () => {
  test('an unknown type, an empty resource', () => {
    expect(of('Banana', { name: 'x' })).toEqual(empty);
    expect(of('Observation', {})).toEqual(empty);
  });

  test('elements of the wrong shape are passed over, never thrown on', () => {
    for (const wrong of [
      null,
      5,
      'x',
      true,
      [],
      {},
      [null],
      [[]],
      [{}],
      { coding: 5 },
      { coding: [null] },
      { reference: 5 },
      { start: 5 },
    ]) {
      const elements = {
        code: wrong,
        subject: wrong,
        effectiveDateTime: wrong,
        effectivePeriod: wrong,
        identifier: wrong,
        meta: wrong,
        component: wrong,
        performer: wrong,
      };
      const entries = of('Observation', elements);
      expect(entries.references).toEqual([]);
      expect(entries.patients).toEqual([]);
      expect(entries.dates).toEqual([]);
    }
  });

  test('contained, urn and identifier-only references; a concept’s text', () => {
    const entries = of('Observation', {
      code: { text: 'weight' },
      performer: [{ reference: '#p' }, { reference: 'urn:uuid:1' }, { identifier: { value: '1' } }, { display: 'x' }],
    });
    const forms = expect.arrayContaining([{ param: 'performer', form: 'identifier-code', parts: ['1'] }]);
    const strings = ['code', 'combo-code'].map((param) => ({ param, form: 'text', text: 'weight', exact: 'weight' }));
    expect(entries).toEqual({ ...empty, forms, strings, present: ['code', 'combo-code', 'performer'] });
  });

  test('references to other types where the parameter means one', () => {
    const entries = of('Observation', { subject: { reference: 'Group/1' } });
    expect(own(entries, 'references', 'patient')).toEqual([]);
    expect(entries.present).not.toContain('patient');
    expect(own(entries, 'references', 'subject')).toEqual([{ type: 'Group', id: '1' }]);
  });
});

describe('entries by kind', () => {
  test('tokens of codes, codings, concepts, identifiers, contact points, booleans, ids', () => {
    const entries = of('Patient', {
      id: 'p',
      meta: { tag: [{ system: 's', code: 't' }], security: [{ code: 'R' }] },
      active: false,
      gender: 'female',
      identifier: [{ system: 's', value: '1' }, { value: '2' }, { system: 'only' }],
      telecom: [
        { system: 'email', value: 'a@b.example', use: 'home' },
        { system: 'phone', value: '1' },
      ],
      communication: [
        { language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'de' }, { code: 'nds' }], text: 'German' } },
      ],
    });
    expect(own(entries, 'tokens', '_id')).toEqual([{ system: '', code: 'p' }]);
    expect(own(entries, 'tokens', '_tag')).toEqual([{ system: 's', code: 't' }]);
    expect(own(entries, 'tokens', 'active')).toEqual([{ system: '', code: 'false' }]);
    expect(own(entries, 'tokens', 'identifier')).toEqual([
      { system: 's', code: '1' },
      { system: '', code: '2' },
      { system: 'only', code: '' },
    ]);
    expect(own(entries, 'tokens', 'email')).toEqual([{ system: '', code: 'a@b.example' }]);
    expect(own(entries, 'tokens', 'language')).toEqual([
      { system: 'urn:ietf:bcp:47', code: 'de' },
      { system: '', code: 'nds' },
    ]);
  });

  test('strings of names and addresses, normalized and as sent, without duplicates', () => {
    const entries = of('Patient', {
      name: [{ family: 'Müller', given: ['Zoë', 'Zoë'], text: ' ' }],
      address: [{ line: ['1  High St'], city: 'Köln' }],
    });
    expect(own(entries, 'strings', 'name')).toEqual([
      { text: 'muller', exact: 'Müller' },
      { text: 'zoe', exact: 'Zoë' },
    ]);
    expect(own(entries, 'strings', 'address')).toEqual([
      { text: '1 high st', exact: '1  High St' },
      { text: 'koln', exact: 'Köln' },
    ]);
  });

  test('references: versions dropped, our own base local, others by URL; canonicals with and without version', () => {
    const entries = of('CarePlan', {
      subject: { reference: 'Patient/1/_history/2' },
      goal: [{ reference: `${baseUrl}/Goal/1` }, { reference: 'http://other.example/Goal/1' }],
      instantiatesCanonical: ['http://x.example/p|2'],
      instantiatesUri: ['http://x.example/u'],
    });
    expect(own(entries, 'references', 'patient')).toEqual([{ type: 'Patient', id: '1' }]);
    expect(own(entries, 'references', 'goal')).toEqual([{ type: 'Goal', id: '1' }]);
    expect(own(entries, 'urls', 'goal')).toEqual([{ url: 'http://other.example/Goal/1' }]);
    expect(own(entries, 'urls', 'instantiates-canonical')).toEqual([
      { url: 'http://x.example/p|2' },
      { url: 'http://x.example/p' },
    ]);
    expect(own(entries, 'uris', 'instantiates-uri')).toEqual([{ uri: 'http://x.example/u' }]);
  });

  test('dates of every type', () => {
    const day = { start: '2020-01-01T00:00:00.000Z', end: '2020-01-02T00:00:00.000Z' };
    expect(own(of('Observation', { effectiveDateTime: '2020-01-01' }), 'dates', 'date')).toEqual([day]);
    expect(own(of('Observation', { effectiveInstant: '2020-01-01T00:00:00Z' }), 'dates', 'date')).toEqual([
      { ...day, end: '2020-01-01T00:00:01.000Z' },
    ]);
    expect(own(of('Observation', { effectivePeriod: { start: '2020-01-01' } }), 'dates', 'date')).toEqual([
      { ...day, end: openEnd },
    ]);
    expect(own(of('Observation', { effectiveTiming: { event: ['2020-01-01', '2021'] } }), 'dates', 'date')).toEqual([
      { ...day, end: '2022-01-01T00:00:00.000Z' },
    ]);
    const bounds = { repeat: { boundsPeriod: { start: '2020-01-01', end: '2020-01-01' } } };
    expect(own(of('ServiceRequest', { occurrenceTiming: bounds }), 'dates', 'occurrence')).toEqual([day]);
  });

  test('choices, filters and extensions', () => {
    expect(own(of('Condition', { onsetString: 'as a baby' }), 'strings', 'onset-info')).toEqual([
      { text: 'as a baby', exact: 'as a baby' },
    ]);
    expect(own(of('Condition', { onsetPeriod: { start: '2020', end: '2020' } }), 'dates', 'onset-date')).toHaveLength(
      1,
    );
    const race = {
      url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race',
      extension: [{ url: 'ombCategory', valueCoding: { code: '2106-3' } }],
    };
    expect(own(of('Patient', { extension: [race, { ...race, url: 'http://x.example' }] }), 'tokens', 'race')).toEqual([
      { system: '', code: '2106-3' },
    ]);
  });

  test.each([
    [{}, 'false'],
    [{ deceasedBoolean: false }, 'false'],
    [{ deceasedBoolean: true }, 'true'],
    [{ deceasedDateTime: '2020' }, 'true'],
  ])('Patient.deceased, which only the FHIRPath engine can answer: %j is %s', (elements, code) => {
    expect(own(of('Patient', elements), 'tokens', 'deceased')).toEqual([{ system: '', code }]);
  });

  test('numbers and quantities are present, kept digits included', () => {
    const parsed = parseJson('{"resourceType":"Observation","valueQuantity":{"value":1.10,"unit":"kg"}}') as Resource;
    expect(extract(parsed).present).toContain('value-quantity');
    expect(of('RiskAssessment', { prediction: [{ probabilityDecimal: JSON.rawJSON('0.50') }] }).present).toContain(
      'probability',
    );
  });
});

describe('the patient compartment', () => {
  test('types outside of it, and mentions that do not count', () => {
    expect(of('Organization', { id: '1', partOf: { reference: 'Patient/1' } }).patients).toEqual([]);
    expect(
      of('Observation', { derivedFrom: [{ reference: 'Patient/1' }], subject: { reference: 'Group/1' } }).patients,
    ).toEqual([]);
    expect(of('Observation', { subject: { reference: 'http://other.example/Patient/1' } }).patients).toEqual([]);
  });
  test('a Patient is in its own', () => {
    expect(of('Patient', { id: '1' }).patients).toEqual(['1']);
    expect(of('Patient', { id: '1', link: [{ other: { reference: 'Patient/2' }, type: 'seealso' }] }).patients).toEqual(
      ['1', '2'],
    );
  });
  test('several ways in, one entry each', () => {
    expect(
      of('Observation', {
        subject: { reference: 'Patient/1' },
        performer: [{ reference: 'Patient/1' }, { reference: 'Patient/2' }],
      }).patients.sort(),
    ).toEqual(['1', '2']);
    expect(of('Immunization', { patient: { reference: 'Patient/1' } }).patients).toEqual(['1']);
    expect(
      of('Appointment', {
        participant: [{ actor: { reference: 'Patient/1' } }, { actor: { reference: 'Practitioner/1' } }],
      }).patients,
    ).toEqual(['1']);
  });
});

describe('whom a record is about', () => {
  const subjects = (type: string, content: object) => {
    const { patients, subjects: count } = of(type, content);
    return patients.slice(0, count);
  };
  const to = (id: string) => ({ reference: `Patient/${id}` });

  test('TH-21, TH-34 not who took part in it, and not who is linked to it', () => {
    expect(subjects('Observation', { performer: [to('2')], subject: to('1') })).toEqual(['1']);
    expect(subjects('CareTeam', { participant: [{ member: to('2') }], subject: to('1') })).toEqual(['1']);
    expect(subjects('Coverage', { subscriber: to('2'), policyHolder: to('3'), beneficiary: to('1') })).toEqual(['1']);
    expect(subjects('Task', { focus: to('2'), for: to('1') })).toEqual(['1']);
    expect(subjects('Patient', { id: '1', link: [{ other: to('2'), type: 'seealso' }] })).toEqual(['1']);
  });

  test('who took part where it is about nobody else; all whom it is about', () => {
    expect(subjects('Observation', { performer: [to('2')], subject: { reference: 'Group/1' } })).toEqual(['2']);
    expect(subjects('Appointment', { participant: [{ actor: to('1') }, { actor: to('2') }] }).sort()).toEqual([
      '1',
      '2',
    ]);
    expect(subjects('Account', { subject: [to('1'), to('2')] })).toEqual(['1', '2']);
  });
});

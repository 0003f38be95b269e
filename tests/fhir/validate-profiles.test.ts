import { describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/types.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { buildDir } from './support/built.ts';
import { issuesBy, profile } from './support/profile.ts';

const patient = (more: object): Resource => ({ resourceType: 'Patient', ...more });
const observation = (more: object): Resource => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
  ...more,
});
const core = 'http://hl7.org/fhir/StructureDefinition';
const weight = { coding: [{ system: 'http://loinc.org', code: '29463-7' }] };
const vital = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
};

describe('one rule of a profile', () => {
  const maiden = [{ id: 'Patient.name', min: 2, max: '3' }];
  const boolean = [{ id: 'Patient.deceased[x]', type: [{ code: 'boolean' }] }];
  const coded = [{ id: 'Observation.code', patternCodeableConcept: weight }];
  const subject = [{ id: 'Observation.subject', type: [{ code: 'Reference', targetProfile: [`${core}/Patient`] }] }];
  const bound = [
    { id: 'Patient.maritalStatus', binding: { strength: 'required' as const, valueSet: 'http://x.example/vs|1' } },
  ];
  const invariant = (severity: 'error' | 'warning') => [
    {
      id: 'Patient.name',
      constraint: [{ key: 'x-1', severity, human: 'A family name', expression: 'family.exists()' }],
    },
  ];
  const name = { family: 'a' };
  const married = { maritalStatus: { coding: [{ system: 'http://x.example', code: 'm' }] } };
  type Elements = Parameters<typeof profile>[1];

  test.each<[string, Elements, Resource, string[]]>([
    ['too few', maiden, patient({ name: [name] }), ['required Patient.name']],
    ['none', maiden, patient({}), ['required Patient.name']],
    ['too many', maiden, patient({ name: [name, name, name, name] }), ['structure Patient.name']],
    ['not at all', [{ id: 'Patient.name', max: '0' }], patient({ name: [name] }), ['structure Patient.name']],
    [
      'inside of a datatype, by place',
      [{ id: 'Patient.name.given', min: 1 }],
      patient({ name: [{ given: ['a'] }, name] }),
      ['required Patient.name[1].given'],
    ],
    [
      'a type of a choice',
      boolean,
      patient({ deceasedDateTime: '2020' }),
      ['structure Patient.deceased.ofType(dateTime)'],
    ],
    ['fixed', [{ id: 'Patient.active', fixedBoolean: true }], patient({ active: false }), ['value Patient.active']],
    [
      'fixed, with more beside',
      [{ id: 'Patient.maritalStatus', fixedCodeableConcept: { text: 'x' } }],
      patient({ maritalStatus: { text: 'x', id: 'y' } }),
      ['value Patient.maritalStatus'],
    ],
    ['pattern', coded, observation({}), ['value Observation.code']],
    [
      'longer than allowed',
      [{ id: 'Patient.name.family', maxLength: 2 }],
      patient({ name: [{ family: 'abc' }] }),
      ['too-long Patient.name[0].family'],
    ],
    [
      'a reference of another type',
      subject,
      observation({ subject: { reference: 'Group/1' } }),
      ['value Observation.subject.reference'],
    ],
    [
      'a contained one of another type',
      subject,
      observation({
        contained: [{ resourceType: 'Group', id: 'g', type: 'person', actual: true }],
        subject: { reference: '#g' },
      }),
      ['value Observation.subject.reference'],
    ],
    ['an invariant', invariant('error'), patient({ name: [{ text: 'x' }] }), ['invariant Patient.name[0]']],
    [
      'an invariant that warns',
      invariant('warning'),
      patient({ name: [{ text: 'x' }] }),
      ['warning invariant Patient.name[0]'],
    ],
    [
      'a value set that nobody knows',
      bound,
      patient(married),
      ['warning not-found Patient.maritalStatus', 'information not-found Patient.maritalStatus'],
    ],
    [
      'a type of the resource in an entry',
      [{ id: 'Bundle.entry.resource', type: [{ code: 'Patient' }] }],
      {
        resourceType: 'Bundle',
        type: 'collection',
        entry: [{ resource: { resourceType: 'Basic', code: { text: 'x' } } }],
      },
      ['structure Bundle.entry[0].resource'],
    ],
    [
      'an element that the type does not have is said to be beyond',
      [{ id: 'Patient.banana', min: 1 }],
      patient({}),
      ['warning not-supported Patient'],
    ],
  ])('refused or warned of: %s', (_name, elements, resource, expected) => {
    expect(issuesBy([profile(resource.resourceType, elements)], resource)).toEqual(expected);
  });

  test('an extensible value set: a code outside of it is a warning, text without a code is fine', () => {
    const extensible: Elements = [
      { id: 'Patient.contact.relationship', binding: { strength: 'extensible', valueSet: 'http://x.example/vs|2' } },
    ];
    const rules = profile('Patient', extensible);
    const related = (relationship: object) =>
      patient({ contact: [{ name: { text: 'x' }, relationship: [relationship] }] });
    const coded = related({ coding: [{ system: 'http://x.example', code: 'm' }] });
    const own = (url: string, is: boolean | undefined) => (url === 'http://x.example/vs|2' ? is : true);
    const at = 'Patient.contact[0].relationship[0]';
    expect(issuesBy([rules], coded, (url) => own(url, false))).toEqual([`warning code-invalid ${at}`]);
    expect(issuesBy([rules], coded, (url) => own(url, undefined))).toEqual([`information not-found ${at}`]);
    expect(issuesBy([rules], coded, () => true)).toEqual([]);
    expect(issuesBy([rules], related({ text: 'aunt' }), () => false)).toEqual([]);
  });

  test('a required value set by the answer of whoever knows it, by the URL and version of the profile', () => {
    const asked: unknown[] = [];
    const answer = (is: boolean) => (url: string, coding: object) => {
      asked.push({ url, ...coding });
      return is;
    };
    const rules = profile('Patient', bound);
    // R4 itself has an extensible binding here.
    expect(issuesBy([rules], patient(married), answer(false))).toEqual([
      'code-invalid Patient.maritalStatus',
      'warning code-invalid Patient.maritalStatus',
    ]);
    expect(issuesBy([rules], patient({ maritalStatus: { text: 'm' } }), answer(true))).toEqual([
      'code-invalid Patient.maritalStatus',
    ]);
    expect(issuesBy([rules], patient(married), answer(true))).toEqual([]);
    expect(asked).toContainEqual({ url: 'http://x.example/vs|1', system: 'http://x.example', code: 'm' });
  });

  test.each<[string, Elements, Resource]>([
    ['a number within', maiden, patient({ name: [name, name] })],
    ['the type of a choice', boolean, patient({ deceasedBoolean: false })],
    [
      'a pattern with more, in any order',
      coded,
      observation({ code: { coding: [{ code: 'x' }, { ...weight.coding[0], display: 'x' }], text: 'y' } }),
    ],
    ['a reference of the type', subject, observation({ subject: { reference: 'Patient/1' } })],
    ['a reference that does not say its type', subject, observation({ subject: { reference: 'urn:oid:1.2' } })],
    ['a reference elsewhere', subject, observation({ subject: { reference: 'http://x.example/fhir/Group/1' } })],
    ['an invariant that holds', invariant('error'), patient({ name: [name] })],
    ['mustSupport', [{ id: 'Patient.name', mustSupport: true }], patient({})],
    [
      'a required element of extensions alone',
      [{ id: 'Patient.birthDate', min: 1 }],
      patient({ _birthDate: { extension: [{ url: `${core}/data-absent-reason`, valueCode: 'unknown' }] } }),
    ],
  ])('accepted: %s', (_name, elements, resource) => {
    expect(issuesBy([profile(resource.resourceType, elements)], resource)).toEqual([]);
  });
});

describe('profiles of profiles', () => {
  const parent = profile('Patient', [{ id: 'Patient.name', min: 1 }], { url: 'http://x.example/parent' });
  const child = profile('Patient', [{ id: 'Patient.gender', min: 1 }], { baseDefinition: parent.url });

  test('a differential adds to what it derives from', () => {
    expect(issuesBy([child, parent], patient({}))).toEqual(['required Patient.name', 'required Patient.gender']);
    expect(issuesBy([child, parent], patient({ name: [{ text: 'x' }], gender: 'other' }))).toEqual([]);
  });

  test('without the parent, it is not checked, and an asked profile that is not known is an error', () => {
    expect(issuesBy([child], patient({}))).toEqual(['error not-found Patient']);
  });

  test('a profile that derives from itself does no harm', () => {
    const endless = profile('Patient', [], { baseDefinition: 'http://x.example/StructureDefinition/tested' });
    expect(issuesBy([endless], patient({}))).toEqual(['error not-found Patient']);
  });

  test('a resource inside has to conform to one of those that its element names', () => {
    const entry = { id: 'Bundle.entry.resource', type: [{ code: 'Resource', profile: [parent.url] }] };
    const bundle = (more: object): Resource => ({
      ...{ resourceType: 'Bundle', type: 'collection', entry: [{ resource: patient(more) }] },
    });
    expect(issuesBy([profile('Bundle', [entry]), parent], bundle({ active: true }))).toEqual([
      'required Bundle.entry[0].resource.name',
    ]);
    expect(issuesBy([profile('Bundle', [entry]), parent], bundle({ name: [{ text: 'x' }] }))).toEqual([]);
  });
});

describe('profiles of elements', () => {
  const named = profile('Patient', [{ id: 'Patient.name', min: 1 }], { url: 'http://x.example/named' });
  const adult = profile(
    'Patient',
    [
      {
        id: 'Patient',
        constraint: [
          { key: 'x-2', severity: 'error', human: 'Born before 2000', expression: 'birthDate < @2000-01-01' },
        ],
      },
    ],
    { url: 'http://x.example/adult' },
  );
  const mass = profile('Quantity', [{ id: 'Quantity.code', fixedCode: 'kg' }], {
    kind: 'complex-type',
    url: 'http://x.example/mass',
  });
  const entry = (...urls: string[]) =>
    profile('Bundle', [{ id: 'Bundle.entry.resource', type: [{ code: 'Resource', profile: urls }] }]);
  const bundle = (inner: Resource): Resource => ({
    ...{ resourceType: 'Bundle', type: 'collection', entry: [{ resource: inner }] },
  });

  test('ask for one of several, with its invariants', () => {
    const young = bundle(patient({ birthDate: '2020-01-01' }));
    expect(issuesBy([entry(adult.url), adult], young)).toEqual(['invariant Bundle.entry[0].resource']);
    expect(issuesBy([entry(adult.url), adult], bundle(patient({ birthDate: '1990-01-01' })))).toEqual([]);
    const group = bundle({ resourceType: 'Group', type: 'person', actual: true });
    expect(issuesBy([entry(adult.url, named.url), adult, named], group)).toEqual([
      'structure Bundle.entry[0].resource',
    ]);
  });

  test('that are not known say nothing', () => {
    expect(issuesBy([entry(named.url)], bundle(patient({ active: true })))).toEqual([]);
  });

  test('of a datatype', () => {
    const weighed = profile('Observation', [
      { id: 'Observation.value[x]', type: [{ code: 'Quantity', profile: [mass.url] }] },
    ]);
    const system = 'http://unitsofmeasure.org';
    expect(issuesBy([weighed, mass], observation({ valueQuantity: { value: 1, system, code: 'g' } }))).toEqual([
      'value Observation.value.ofType(Quantity).code',
    ]);
    expect(issuesBy([weighed, mass], observation({ valueQuantity: { value: 1, system, code: 'kg' } }))).toEqual([]);
  });

  test('nested deeper than any resource are not used, and harm nobody', () => {
    const deep = profile('Patient', [{ id: `Patient${'.extension'.repeat(50_000)}`, min: 1 }]);
    expect(issuesBy([deep], patient({}))).toEqual(['error not-found Patient']);
  });
});

test('TH-41: an invariant that runs away is stopped, warned of, and not asked again', () => {
  const rules = profile('Patient', [
    {
      id: 'Patient.name.family',
      constraint: [{ key: 'run-1', severity: 'error', human: 'x', expression: "$this.matches('(a+)+$')" }],
    },
    {
      id: 'Patient.name.text',
      constraint: [{ key: 'ok-1', severity: 'error', human: 'x', expression: "$this.matches('^[a-z]+$')" }],
    },
  ]);
  const validate = createValidator(buildDir, { profiles: { find: () => rules, scope: () => rules, open: () => 0 } });
  const names = Array.from({ length: 50 }, () => ({ family: `${'a'.repeat(60)}!`, text: 'A' }));
  const issues = validate(patient({ name: names }), { profiles: [rules.url] });
  expect(issues.filter(({ code, severity }) => code === 'too-costly' && severity === 'warning')).toHaveLength(50);
  expect(issues.filter(({ text }) => text.startsWith('ok-1'))).toHaveLength(50);
});

test('no text of a profile’s issues has a value of the resource', () => {
  const secret = 'Mustermann';
  const rules = profile('Patient', [
    { id: 'Patient.name.family', fixedString: 'x', maxLength: 1 },
    { id: 'Patient.gender', patternCode: 'other', binding: { strength: 'required', valueSet: 'http://x.example/vs' } },
    { id: 'Patient.identifier', slicing: { discriminator: [{ type: 'value', path: 'value' }], rules: 'closed' } },
    { id: 'Patient.identifier:a', sliceName: 'a', min: 1 },
    { id: 'Patient.identifier:a.value', fixedString: 'x' },
  ]);
  const validate = createValidator(buildDir, {
    profiles: { find: (url) => (url === rules.url ? rules : undefined), scope: () => rules, open: () => 0 },
  });
  const resource = patient({
    meta: { profile: [rules.url, `http://x.example/${secret}`] },
    ...{ name: [{ family: secret }], gender: 'male', identifier: [{ value: secret }] },
    extension: [{ url: `${core}/patient-birthPlace`, valueString: secret }],
  });
  const issues = validate(resource);
  expect(issues.length).toBeGreaterThan(7);
  expect(JSON.stringify(issues)).not.toContain(secret);
});

describe('claims in meta.profile', () => {
  const validate = createValidator(buildDir);
  const claim = (type: string, ...profiles: string[]) =>
    validate({ resourceType: type, meta: { profile: profiles } }).map(
      ({ severity, code, expression }) => `${severity} ${code} ${expression?.[0]}`,
    );
  const unknown = 'http://x.example/StructureDefinition/nobody';

  test('of another type are refused', () => {
    expect(claim('Patient', `${core}/bp`)).toEqual(['undefined structure Patient.meta.profile[0]']);
  });

  test('that are not known are warned of, once each, at their place', () => {
    expect(
      claim('Patient', 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient|9', unknown, unknown),
    ).toEqual(['warning not-found Patient.meta.profile[0]', 'warning not-found Patient.meta.profile[1]']);
  });

  test('count inside of a Bundle and of contained resources', () => {
    const inner = { resourceType: 'Basic', id: 'b', meta: { profile: [unknown] }, code: { text: 'x' } };
    const outer = patient({ contained: [inner], extension: [{ url: unknown, valueReference: { reference: '#b' } }] });
    const bundle = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: outer }] };
    expect(validate(bundle).map(({ expression }) => expression?.[0])).toEqual([
      'Bundle.entry[0].resource.contained[0].meta.profile[0]',
    ]);
  });

  test('in any number take no long time, and no text quotes them', () => {
    const many = Array.from({ length: 20_000 }, (_, at) => `${unknown}/${at}`);
    const issues = validate({ resourceType: 'Patient', meta: { profile: many } });
    expect(issues).toHaveLength(20_000);
    expect(JSON.stringify(issues)).not.toContain('nobody');
  });
});

describe('profiles that ship with the definitions', () => {
  const validate = createValidator(buildDir);
  const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition';
  const found = (resource: Resource) =>
    validate(resource)
      .filter(({ severity }) => severity !== 'warning')
      .map(({ code, expression }) => `${code} ${expression?.[0]}`);
  const usPatient = (more: object) => patient({ meta: { profile: [`${usCore}/us-core-patient`] }, ...more });
  const wholePatient = {
    identifier: [{ system: 'http://x.example', value: '1' }],
    name: [{ family: 'a' }],
    gender: 'other',
  };
  const quantity = { value: 100, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' };
  const component = (code: string) => ({
    code: { coding: [{ system: 'http://loinc.org', code }] },
    valueQuantity: quantity,
  });
  const pressure = (url: string, more: object) =>
    observation({
      meta: { profile: [url] },
      category: [vital],
      code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
      subject: { reference: 'Patient/1' },
      effectiveDateTime: '2026-01-01',
      component: [component('8480-6'), component('8462-4')],
      ...more,
    });

  test('US Core Patient', () => {
    expect(found(usPatient({}))).toEqual([
      'required Patient.identifier',
      'required Patient.name',
      'required Patient.gender',
    ]);
    expect(found(usPatient({ ...wholePatient, name: [{ text: 'x' }] }))).toEqual(['invariant Patient']);
    expect(found(usPatient({ ...wholePatient, telecom: [{ value: '1' }] }))).toContain(
      'required Patient.telecom[0].system',
    );
    expect(found(usPatient(wholePatient))).toEqual([]);
  });

  test('US Core race: one text, at most five categories', () => {
    const race = (...parts: object[]) =>
      usPatient({ ...wholePatient, extension: [{ url: `${usCore}/us-core-race`, extension: parts }] });
    const category = {
      url: 'ombCategory',
      valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.238', code: '2106-3' },
    };
    const text = { url: 'text', valueString: 'x' };
    expect(found(race(category))).toEqual(['required Patient.extension[0].extension']);
    expect(found(race(text, ...Array.from({ length: 6 }, () => category)))).toEqual([
      'structure Patient.extension[0].extension',
    ]);
    expect(found(race({ url: 'text', valueCode: 'x' }))).toEqual([
      'structure Patient.extension[0].extension[0].value.ofType(code)',
    ]);
    expect(found(race(text, category))).toEqual([]);
  });

  test.each([`${usCore}/us-core-blood-pressure`, `${core}/bp`])('%s', (url) => {
    expect(found(pressure(url, { component: [component('8480-6'), component('8480-6')] }))).toEqual([
      'structure Observation.component',
      'required Observation.component',
    ]);
    expect(found(pressure(url, { category: undefined }))).toContain('required Observation.category');
    expect(found(pressure(url, { category: [{ text: 'x' }] }))).toContain('required Observation.category');
    expect(found(pressure(url, { effectiveDateTime: '2026' }))).toEqual([
      'invariant Observation.effective.ofType(dateTime)',
    ]);
    const wrongUnit = { ...component('8480-6'), valueQuantity: { ...quantity, code: 'kPa' } };
    expect(found(pressure(url, { component: [wrongUnit, component('8462-4')] }))).toContain(
      'value Observation.component[0].value.ofType(Quantity).code',
    );
    expect(found(pressure(url, {}))).toEqual([]);
  });

  test('US Core smoking status: a value is there, and of the type that its code asks for', () => {
    const smoking = (more: object) =>
      observation({
        meta: { profile: [`${usCore}/us-core-smokingstatus`] },
        category: [{ coding: [{ ...vital.coding[0], code: 'social-history' }] }],
        code: { coding: [{ system: 'http://loinc.org', code: '72166-2' }] },
        subject: { reference: 'Patient/1' },
        effectiveDateTime: '2026-01-01',
        ...more,
      });
    expect(found(smoking({}))).toEqual(['required Observation.value']);
    expect(found(smoking({ valueBoolean: true }))).toEqual(['invariant Observation']);
    expect(found(smoking({ valueCodeableConcept: { text: 'never' } }))).toEqual([]);
  });
});

import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { leafReader } from '../../../src/fhir/search/leaves.ts';
import { checkSearchParameter } from '../../../src/fhir/search-parameter/check.ts';
import type { Resource } from '../../../src/fhir/types.ts';

const base = loadDefinitions(path.join(import.meta.dirname, '../../../build/fhir'));
const parameter = (changes: Record<string, unknown>): Resource => ({
  resourceType: 'SearchParameter',
  url: 'https://careweave.example/SearchParameter/eye-colour',
  name: 'EyeColour',
  status: 'active',
  description: 'Colour of the eyes',
  code: 'eye-colour',
  base: ['Patient'],
  type: 'token',
  expression: "Patient.extension('https://careweave.example/eyes').value",
  ...changes,
});
const problem = (changes: Record<string, unknown>) => {
  const checked = checkSearchParameter(parameter(changes), base);
  if (checked.ok) throw new Error('accepted');
  expect(checked.error.kind).toBe('unprocessable');
  return checked.error.issues.map(({ code, expression }) => `${expression} ${code}`);
};
const accepted = (changes: Record<string, unknown>) => {
  const checked = checkSearchParameter(parameter(changes), base);
  if (!checked.ok) throw new Error(checked.error.issues.map(({ text }) => text).join());
  return checked.value;
};
const read = (changes: Record<string, unknown>, resource: Resource) => {
  const param = accepted(changes)?.params.get(resource.resourceType);
  if (!param) throw new Error('no parameter');
  const found: unknown[] = [];
  leafReader(param)(resource, (leaf) => found.push([leaf.type, leaf.value]));
  return found;
};

describe('what cannot become a search parameter is refused at its element', () => {
  test.each([
    ['a code of the base definitions for something else', { code: 'gender' }, 'SearchParameter.code duplicate'],
    ['a code with a modifier in it', { code: 'eye:colour' }, 'SearchParameter.code value'],
    ['a code that is kept for FHIR', { code: '_eyes' }, 'SearchParameter.code value'],
    ['a code without end', { code: 'e'.repeat(65) }, 'SearchParameter.code value'],
    ['a composite', { type: 'composite' }, 'SearchParameter.type not-supported'],
    ['a special one', { type: 'special' }, 'SearchParameter.type not-supported'],
    ['no expression', { expression: undefined }, 'SearchParameter.expression required'],
    ['an unknown target', { type: 'reference', target: ['Patent'] }, 'SearchParameter.target value'],
    ['an unknown base', { base: ['Patent'] }, 'SearchParameter.base value'],
    ['an element that is not there', { expression: 'Patient.eyes' }, 'SearchParameter.expression value'],
    ['a datatype without meaning', { expression: 'Patient.photo' }, 'SearchParameter.expression value'],
    ['another type than its base', { expression: 'Practitioner.gender' }, 'SearchParameter.expression value'],
    ['no FHIRPath', { expression: 'Patient.(((' }, 'SearchParameter.expression not-supported'],
    ['no FHIRPath either', { expression: 'Patient..name' }, 'SearchParameter.expression not-supported'],
  ])('%s', (_name, changes, expected) => {
    expect(problem(changes)).toEqual([expected]);
  });

  test('all at once', () => {
    expect(problem({ code: '?', type: 'composite', expression: '', base: [] })).toHaveLength(4);
  });
});

describe('TH-41: no expression of a client runs away', () => {
  test.each([
    'Patient.descendants()',
    'Patient.repeat(contact)',
    "Patient.name.family.where($this.matches('(a+)+$'))",
    "Patient.name.where(family.replaceMatches('(a+)+$', '') = 'x')",
    'Patient.name.where(given.select($this | $this).exists())',
    'Patient.name.where(%resource.descendants().exists())',
    "Patient.name.where(`family` = 'x')",
    `Patient.name.where(${"family = 'x' and ".repeat(40)} family = 'y')`,
    'Patient.extension.value.extension.value.extension.value.extension.value',
    `${'('.repeat(400)}Patient.name${')'.repeat(400)}`,
    Array.from({ length: 60 }, () => 'Patient.name').join('|'),
    'Patient.name.aggregate($this)',
    'Patient.name.given.combine(Patient.name.given)',
  ])('%s', (expression) => {
    expect(problem({ expression })).toEqual(['SearchParameter.expression not-supported']);
  });

  test('nor is it longer than a page', () => {
    expect(problem({ expression: `Patient.${'name.'.repeat(500)}` })).toEqual([
      'SearchParameter.expression too-costly',
    ]);
  });
});

describe('what becomes a walk', () => {
  const child: Resource = {
    resourceType: 'Patient',
    birthDate: '2019-04-05',
    _birthDate: { extension: [{ url: 'http://time', valueDateTime: '2019-04-05T10:00:00Z' }] },
    deceasedBoolean: false,
    contact: [
      { relationship: [{ coding: [{ code: 'M' }] }], name: { family: 'Applewhite' } },
      { relationship: [{ coding: [{ code: 'F' }] }], name: { family: 'Holloway' } },
    ],
    telecom: [
      { system: 'phone', use: 'home', value: '1' },
      { system: 'phone', use: 'work', value: '2' },
    ],
    extension: [
      { url: 'https://careweave.example/eyes', valueCodeableConcept: { text: 'grey' } },
      { url: 'https://careweave.example/size', valueQuantity: { value: 3, code: 'cm' } },
      { url: 'https://careweave.example/school', valueReference: { reference: 'Organization/1' } },
      { url: 'https://careweave.example/deep', extension: [{ url: 'in', valueString: 'side' }] },
    ],
  };
  const eyes = ['CodeableConcept', { text: 'grey' }];
  const size = ['Quantity', { value: 3, code: 'cm' }];

  test.each<[string, Record<string, unknown>, unknown[]]>([
    ['an extension by its function', {}, [eyes]],
    [
      'an extension by where',
      { expression: "Patient.extension.where(url='https://careweave.example/eyes').value" },
      [eyes],
    ],
    [
      'a cast',
      { expression: "(Patient.extension('https://careweave.example/eyes').value as CodeableConcept)" },
      [eyes],
    ],
    [
      'a cast to another type',
      { expression: "Patient.extension('https://careweave.example/eyes').value.as(Coding)" },
      [],
    ],
    [
      'ofType',
      { type: 'quantity', expression: "extension('https://careweave.example/size').value.ofType(Quantity)" },
      [size],
    ],
    [
      'within an extension',
      { type: 'string', expression: "Patient.extension('https://careweave.example/deep').extension('in').value" },
      [['string', 'side']],
    ],
    [
      'an extension of a primitive',
      { type: 'date', expression: "Patient.birthDate.extension('http://time').value" },
      [['dateTime', '2019-04-05T10:00:00Z']],
    ],
    [
      'a condition',
      { type: 'string', expression: "Patient.contact.where(relationship.coding.code = 'F').name" },
      [['HumanName', { family: 'Holloway' }]],
    ],
    [
      'two conditions',
      { expression: "Patient.telecom.where(system='phone' and use='work')" },
      [['ContactPoint', { system: 'phone', use: 'work', value: '2' }]],
    ],
    [
      'a condition on a condition',
      { expression: "Patient.telecom.where(system='phone').where(use='home')" },
      [['ContactPoint', { system: 'phone', use: 'home', value: '1' }]],
    ],
    [
      'a union',
      { type: 'string', expression: '(Patient.contact | Patient.link.other).name.family | Patient.photo.title' },
      [
        ['string', 'Applewhite'],
        ['string', 'Holloway'],
      ],
    ],
    ['yes or no', { expression: 'Patient.deceased.exists() and Patient.deceased != false' }, [['boolean', false]]],
  ])('%s', (_name, changes, expected) => {
    expect(read(changes, child)).toEqual(expected);
  });

  test('a reference with the type it leads to', () => {
    const school = accepted({
      type: 'reference',
      target: ['Organization'],
      expression:
        "Patient.extension('https://careweave.example/school').value.ofType(Reference).where(resolve() is Organization)",
    });
    expect(school?.params.get('Patient')).toMatchObject({
      targets: ['Organization'],
      paths: [{ target: 'Organization' }],
    });
  });

  test('of every type that its base names', () => {
    const params = accepted({
      base: ['DomainResource'],
      expression: "extension('https://careweave.example/eyes').value",
    })?.params;
    expect(params?.has('CarePlan')).toBe(true);
    expect(params?.has('Bundle')).toBe(false);
  });
});

describe('what is kept and changes nothing', () => {
  test.each([
    ['a draft', { status: 'draft', code: 'gender' }],
    ['a retired one', { status: 'retired' }],
    [
      'the base definition itself',
      { code: 'gender', url: 'http://hl7.org/fhir/SearchParameter/individual-gender', expression: 'Patient.gender' },
    ],
    [
      'what is derived from it',
      {
        code: 'gender',
        derivedFrom: 'http://hl7.org/fhir/SearchParameter/individual-gender',
        expression: 'Patient.gender',
      },
    ],
    ['the same under another name', { code: 'gender', expression: 'Patient.gender' }],
  ])('%s', (_name, changes) => {
    expect(accepted(changes)).toBeUndefined();
  });
});

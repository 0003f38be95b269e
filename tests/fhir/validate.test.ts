import { describe, expect, test } from '@jest/globals';
import { parseJson } from '../../src/fhir/json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { buildDir } from './support/built.ts';

const validate = createValidator(buildDir);
const observation = (more: object) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'weight' },
  ...more,
});
const patient = (more: object) => ({ resourceType: 'Patient', ...more });
const found = (resource: Resource) => validate(resource).map(({ code, expression }) => `${code} ${expression?.[0]}`);
const extension = { url: 'http://x.example', valueString: 'x' };

describe('refused, with the place', () => {
  test.each<[string, Resource, string[]]>([
    ['an unknown type', { resourceType: 'Banana' }, ['not-supported Banana']],
    ['an abstract type', { resourceType: 'DomainResource' }, ['not-supported DomainResource']],
    ['a datatype', { resourceType: 'Period' }, ['not-supported Period']],
    ['a path for a type', { resourceType: '../Patient' }, ['not-supported Resource']],
    [
      'missing elements, all of them',
      { resourceType: 'Observation' },
      ['required Observation.status', 'required Observation.code'],
    ],
    [
      'a missing choice',
      { resourceType: 'MedicationRequest', status: 'active', intent: 'order', subject: { reference: 'Patient/1' } },
      ['required MedicationRequest.medication'],
    ],
    ['an unknown element', patient({ foo: 1 }), ['structure Patient.foo']],
    ['names that every object has', patient({ constructor: 'x' }), ['structure Patient.constructor']],
    [
      'an unknown element inside',
      patient({ contact: [{ bar: 1, name: { family: 'x' } }] }),
      ['structure Patient.contact[0].bar'],
    ],
    ['extensions of what has none beside', patient({ _name: [extension] }), ['structure Patient._name']],
    ['one for a list', patient({ name: { family: 'x' } }), ['structure Patient.name']],
    ['a list for one', patient({ birthDate: ['2020'] }), ['structure Patient.birthDate']],
    ['text for an object', observation({ subject: 'Patient/1' }), ['structure Observation.subject']],
    [
      'a reference to no type',
      observation({ subject: { reference: 'Banana/1' } }),
      ['value Observation.subject.reference'],
    ],
    ['a number for an object', observation({ valueQuantity: 5 }), ['structure Observation.value.ofType(Quantity)']],
    ['an object for text', patient({ name: [{ family: { a: 1 } }] }), ['value Patient.name[0].family']],
    ['text for a boolean', patient({ active: 'true' }), ['value Patient.active']],
    [
      'text for a number',
      observation({ valueQuantity: { value: '5' } }),
      ['value Observation.value.ofType(Quantity).value'],
    ],
    [
      'a fraction for a whole number',
      patient({ multipleBirthInteger: 1.5 }),
      ['value Patient.multipleBirth.ofType(integer)'],
    ],
    ['less than a positiveInt', patient({ telecom: [{ rank: 0 }] }), ['value Patient.telecom[0].rank']],
    [
      'a number too large for any',
      observation({ valueQuantity: { value: JSON.rawJSON('1e400') } }),
      ['value Observation.value.ofType(Quantity).value'],
    ],
    ['a day that is not in the calendar', patient({ birthDate: '2021-02-29' }), ['value Patient.birthDate']],
    ['a time in a date', patient({ birthDate: '2021-02-28T10:00:00Z' }), ['value Patient.birthDate']],
    [
      'a dateTime without zone',
      observation({ effectiveDateTime: '2021-02-28T10:00:00' }),
      ['value Observation.effective.ofType(dateTime)'],
    ],
    ['an instant by the day', observation({ issued: '2021-02-28' }), ['value Observation.issued']],
    ['a code with spaces around', observation({ status: ' final' }), ['value Observation.status']],
    ['a code outside of the required set', patient({ gender: 'f' }), ['code-invalid Patient.gender']],
    ['an empty text', patient({ identifier: [{ value: '' }] }), ['value Patient.identifier[0].value']],
    ['a control character', patient({ name: [{ family: 'a\u0000b' }] }), ['value Patient.name[0].family']],
    [
      'white space in a uri',
      patient({ identifier: [{ system: 'a b', value: '1' }] }),
      ['value Patient.identifier[0].system'],
    ],
    [
      'base64 that is none',
      patient({ photo: [{ contentType: 'image/png', data: '*' }] }),
      ['value Patient.photo[0].data'],
    ],
    ['an id with spaces', patient({ id: 'a b' }), ['value Patient.id']],
    ['an id of 65 characters', patient({ id: 'x'.repeat(65) }), ['value Patient.id']],
    ['null', patient({ name: null }), ['structure Patient.name']],
    ['null in a list of objects', patient({ name: [null] }), ['structure Patient.name[0]']],
    ['an empty list', patient({ name: [] }), ['structure Patient.name']],
    ['an empty object', patient({ name: [{}] }), ['structure Patient.name[0]']],
    [
      'a list in a list',
      patient({ name: [[{ family: 'x' }]] }),
      ['structure Patient.name[0]', 'structure Patient.name[0]'],
    ],
    [
      'two values of a choice',
      patient({ deceasedBoolean: true, deceasedDateTime: '2020' }),
      ['structure Patient.deceased'],
    ],
    [
      'a value and the other’s extensions',
      patient({ deceasedBoolean: true, _deceasedDateTime: { extension: [extension] } }),
      ['structure Patient.deceased'],
    ],
    ['a choice by a type it does not have', patient({ deceasedString: 'x' }), ['structure Patient.deceasedString']],
    ['an extension without url', patient({ extension: [{ valueString: 'x' }] }), ['required Patient.extension[0].url']],
    [
      'an extension with value and extensions',
      patient({ extension: [{ ...extension, extension: [extension] }] }),
      ['invariant Patient.extension[0]'],
    ],
    [
      'contained: missing elements',
      patient({ contained: [{ resourceType: 'Observation', id: 'o' }] }),
      ['required Patient.contained[0].status', 'required Patient.contained[0].code'],
    ],
    ['contained: no type', patient({ contained: [{ name: [{ family: 'x' }] }] }), ['required Patient.contained[0]']],
    [
      'contained and never mentioned',
      patient({ contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }] }),
      ['invariant Patient'],
    ],
    [
      'a reference to what is not contained',
      patient({ managingOrganization: { reference: '#o' } }),
      ['invariant Patient.managingOrganization'],
    ],
    [
      'inside a Bundle',
      { resourceType: 'Bundle', type: 'collection', entry: [{ resource: patient({ foo: 1 }) }] },
      ['structure Bundle.entry[0].resource.foo'],
    ],
    [
      'recursion by content reference',
      {
        resourceType: 'Questionnaire',
        status: 'active',
        item: [{ linkId: '1', type: 'group', item: [{ type: 'string' }] }],
      },
      ['required Questionnaire.item[0].item[0].linkId'],
    ],
    [
      'an invariant of the type',
      {
        resourceType: 'CarePlan',
        status: 'active',
        intent: 'plan',
        subject: { reference: 'Patient/1' },
        activity: [{ reference: { reference: 'Task/1' }, detail: { status: 'scheduled' } }],
      },
      ['invariant CarePlan.activity[0]'],
    ],
    [
      'a value and a reason for none',
      observation({ valueInteger: 1, dataAbsentReason: { text: 'x' } }),
      ['invariant Observation'],
    ],
    [
      'a value, and a component of the same code',
      observation({
        valueInteger: 1,
        code: { coding: [{ code: 'a' }, { code: 'b' }] },
        component: [{ code: { coding: [{ code: 'b' }] } }],
      }),
      ['invariant Observation'],
    ],
    [
      'an invariant of a datatype',
      observation({ effectivePeriod: { start: '2021', end: '2020-12-31' } }),
      ['invariant Observation.effective.ofType(Period)'],
    ],
    [
      'a code without its system in a quantity',
      observation({ valueQuantity: { value: 1, code: 'kg' } }),
      ['invariant Observation.value.ofType(Quantity)'],
    ],
    [
      'narrative without a div',
      patient({ text: { status: 'generated', div: '<p>x</p>' } }),
      ['value Patient.text.div'],
    ],
    [
      'narrative with a script',
      patient({ text: { status: 'generated', div: '<div>x<script>1</script></div>' } }),
      ['value Patient.text.div'],
    ],
    [
      'narrative with a handler',
      patient({ text: { status: 'generated', div: '<div>x<img src="a.png" onerror = "f()"/></div>' } }),
      ['value Patient.text.div'],
    ],
    [
      'narrative with a running link',
      patient({ text: { status: 'generated', div: '<div><a href="javascript:f()">x</a></div>' } }),
      ['value Patient.text.div'],
    ],
    [
      'narrative of nothing',
      patient({ text: { status: 'generated', div: '<div> <p/></div>' } }),
      ['value Patient.text.div'],
    ],
  ])('%s', (_name, resource, expected) => {
    expect(found(resource)).toEqual(expected);
  });

  test('no value and no odd name of the resource is in any text', () => {
    const secret = 'Mustermann';
    const resource = patient({
      [`${secret} 1`]: 1,
      gender: secret,
      birthDate: secret,
      active: secret,
      id: `${secret} 1`,
      name: secret,
      telecom: [{ rank: secret }],
      photo: [{ data: `*${secret}` }],
      text: { status: secret, div: secret },
      contained: [{ resourceType: `${secret}!` }],
    });
    const issues = validate(resource);
    expect(issues.length).toBeGreaterThan(8);
    expect(JSON.stringify(issues)).not.toContain(secret);
  });
});

describe('accepted', () => {
  test.each<[string, Resource]>([
    ['the least there is', { resourceType: 'Patient' }],
    ['partial dates', patient({ birthDate: '2020-02' })],
    ['a birth date of extensions alone', patient({ _birthDate: { extension: [extension] } })],
    [
      'a required element of extensions alone',
      { resourceType: 'Observation', _status: { extension: [extension] }, code: { text: 'x' } },
    ],
    ['halves of a list', patient({ name: [{ given: ['x', null], _given: [null, { extension: [extension] }] }] })],
    [
      'nested extensions',
      patient({ extension: [{ url: 'http://x.example', extension: [extension, { ...extension, valueString: 'y' }] }] }),
    ],
    ['a period of two precisions', observation({ effectivePeriod: { start: '2020-06-01', end: '2020' } })],
    [
      'a contained resource that is mentioned',
      patient({
        contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }],
        managingOrganization: { reference: '#o' },
      }),
    ],
    [
      'contained within a Bundle entry',
      {
        resourceType: 'Bundle',
        type: 'collection',
        entry: [
          {
            resource: patient({
              contained: [{ resourceType: 'Organization', id: 'o', name: 'x' }],
              managingOrganization: { reference: '#o' },
            }),
          },
        ],
      },
    ],
    ['a reason for no value', observation({ dataAbsentReason: { text: 'x' } })],
    [
      'a value, and components of other codes',
      observation({
        valueInteger: 1,
        code: { coding: [{ code: 'a', system: 'http://x.example' }] },
        component: [{ code: { coding: [{ code: 'a' }] } }],
      }),
    ],
    [
      'components of the same code without a value',
      observation({ code: { coding: [{ code: 'a' }] }, component: [{ code: { coding: [{ code: 'a' }] } }] }),
    ],
    ['urn references', observation({ subject: { reference: 'urn:uuid:11111111-1111-4111-8111-111111111111' } })],
    [
      'narrative with tables and links',
      patient({
        text: {
          status: 'generated',
          div: '<div xmlns="http://www.w3.org/1999/xhtml"><table><tr><td>Once a day: <a href="#x">note</a></td></tr></table></div>',
        },
      }),
    ],
    [
      'a code of an open set',
      patient({ communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'x-any' }] } }] }),
    ],
    [
      'Parameters with a resource',
      {
        resourceType: 'Parameters',
        parameter: [
          { name: 'x', resource: patient({}) },
          { name: 'y', valueDecimal: 1 },
        ],
      },
    ],
  ])('%s', (_name, resource) => {
    expect(validate(resource)).toEqual([]);
  });

  test('kept digits count as numbers, and the resource is not changed', () => {
    const resource = parseJson(
      '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.10}}',
    ) as Resource;
    const before = JSON.stringify(resource);
    expect(validate(resource)).toEqual([]);
    expect(JSON.stringify(resource)).toBe(before);
  });
});

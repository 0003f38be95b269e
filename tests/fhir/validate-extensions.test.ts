import { describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/types.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { buildDir } from './support/built.ts';
import { issuesBy, profile } from './support/profile.ts';

const validate = createValidator(buildDir);
const core = 'http://hl7.org/fhir/StructureDefinition';
const patient = (more: object): Resource => ({ resourceType: 'Patient', ...more });
const found = (resource: Resource) => validate(resource).map(({ code, expression }) => `${code} ${expression?.[0]}`);
const observation = (more: object): Resource => ({
  ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
  ...more,
});

describe('extensions with a definition', () => {
  const birthTime = { url: `${core}/patient-birthTime`, valueDateTime: '2020-01-01T10:00:00Z' };
  const birthPlace = { url: `${core}/patient-birthPlace`, valueAddress: { city: 'x' } };
  const translation = {
    url: `${core}/translation`,
    extension: [
      { url: 'lang', valueCode: 'es' },
      { url: 'content', valueString: 'x' },
    ],
  };

  test.each<[string, Resource, string[]]>([
    ['at the root instead of an element', patient({ extension: [birthTime] }), ['extension Patient.extension[0]']],
    ['on another resource type', observation({ extension: [birthPlace] }), ['extension Observation.extension[0]']],
    [
      'on another datatype',
      patient({ name: [{ text: 'x', extension: [birthTime] }] }),
      ['extension Patient.name[0].extension[0]'],
    ],
    [
      'in a contained resource of another type',
      patient({
        contained: [{ resourceType: 'Organization', id: 'o', name: 'x', extension: [birthPlace] }],
        managingOrganization: { reference: '#o' },
      }),
      ['extension Patient.contained[0].extension[0]'],
    ],
    ['as a modifier', patient({ modifierExtension: [birthPlace] }), ['extension Patient.modifierExtension[0]']],
    [
      'with a value of another type',
      patient({ extension: [{ url: birthPlace.url, valueString: 'x' }] }),
      ['structure Patient.extension[0].value.ofType(string)'],
    ],
    [
      'without the value',
      patient({ extension: [{ url: birthPlace.url, extension: [{ url: 'x', valueBoolean: true }] }] }),
      ['structure Patient.extension[0].extension', 'required Patient.extension[0].value'],
    ],
    [
      'without a part',
      patient({
        name: [{ family: 'x', _family: { extension: [{ ...translation, extension: [translation.extension[0]] }] } }],
      }),
      ['required Patient.name[0].family.extension[0].extension'],
    ],
  ])('refused: %s', (_name, resource, expected) => {
    expect(found(resource)).toEqual(expected);
  });

  test.each<[string, Resource]>([
    ['at its element', patient({ birthDate: '2020-01-01', _birthDate: { extension: [birthTime] } })],
    ['on its resource', patient({ extension: [birthPlace] })],
    ['on a kind of its datatype', patient({ name: [{ family: 'x', _family: { extension: [translation] } }] })],
    [
      'anywhere',
      observation({ _status: { extension: [{ url: `${core}/data-absent-reason`, valueCode: 'unknown' }] } }),
    ],
    [
      'by a path through datatypes, in a Bundle',
      {
        ...{ resourceType: 'Bundle', type: 'collection' },
        entry: [{ resource: patient({ birthDate: '2020-01-01', _birthDate: { extension: [birthTime] } }) }],
      },
    ],
    [
      'inside of a recursion',
      {
        ...{ resourceType: 'Questionnaire', status: 'active' },
        item: [
          {
            ...{ linkId: '1', type: 'group' },
            item: [{ linkId: '2', type: 'string', extension: [{ url: `${core}/minLength`, valueInteger: 2 }] }],
          },
        ],
      },
    ],
    [
      'how strongly US Core expects several values',
      {
        ...{
          resourceType: 'SearchParameter',
          url: 'http://x.example/s',
          name: 'S',
          status: 'active',
          description: 'S',
        },
        ...{ code: 's', base: ['Patient'], type: 'date', multipleOr: true },
        _multipleOr: {
          extension: [
            {
              url: 'http://hl7.org/fhir/StructureDefinition/capabilitystatement-expectation',
              valueCode: 'MAY',
            },
          ],
        },
      },
    ],
    ['that nobody defined', patient({ extension: [{ url: 'http://x.example/any', valueString: 'x' }] })],
  ])('accepted: %s', (_name, resource) => {
    expect(found(resource)).toEqual([]);
  });

  test('a modifier has to stand among the modifiers', () => {
    const modifier = profile('Extension', [{ id: 'Extension', isModifier: true }], {
      kind: 'complex-type',
      context: [{ type: 'element', expression: 'Patient' }],
      url: 'http://x.example/modifier',
    });
    const one = { url: modifier.url, valueBoolean: true };
    const none = profile('Patient', []);
    expect(issuesBy([none, modifier], patient({ extension: [one] }))).toEqual(['extension Patient.extension[0]']);
    expect(issuesBy([none, modifier], patient({ modifierExtension: [one] }))).toEqual([]);
  });
});

describe('references and required value sets of the base definitions', () => {
  const plan = (more: object): Resource => ({
    ...{ resourceType: 'CarePlan', status: 'active', intent: 'plan', subject: { reference: 'Patient/1' } },
    ...more,
  });
  const clinical = (coding: object) => ({
    ...{ resourceType: 'Condition', subject: { reference: 'Patient/1' } },
    clinicalStatus: { coding: [coding] },
  });
  const system = 'http://terminology.hl7.org/CodeSystem/condition-clinical';

  test.each<[string, Resource, string[]]>([
    ['another type', plan({ goal: [{ reference: 'Task/1' }] }), ['value CarePlan.goal[0].reference']],
    ['another type by criteria', plan({ goal: [{ reference: 'Task?code=1' }] }), ['value CarePlan.goal[0].reference']],
    [
      'contained, of another type',
      plan({
        contained: [{ resourceType: 'Basic', id: 'b', code: { text: 'x' } }],
        goal: [{ reference: '#b' }],
      }),
      ['value CarePlan.goal[0].reference'],
    ],
    ['another code', clinical({ system, code: 'x' }), ['code-invalid Condition.clinicalStatus']],
    [
      'another code system',
      clinical({ system: 'http://x.example', code: 'active' }),
      ['code-invalid Condition.clinicalStatus'],
    ],
    ['no code system', clinical({ code: 'active' }), ['code-invalid Condition.clinicalStatus']],
  ])('refused: %s', (_name, resource, expected) => {
    expect(found(resource)).toEqual(expected);
  });

  test.each<[string, Resource]>([
    ['any of the types', plan({ subject: { reference: 'Group/1' } })],
    ['any type', { resourceType: 'Basic', code: { text: 'x' }, subject: { reference: 'Task/1' } }],
    ['a version', plan({ goal: [{ reference: 'Goal/1/_history/2' }] })],
    ['elsewhere', plan({ goal: [{ reference: 'https://x.example/fhir/Task/1' }] })],
    ['within a Bundle', plan({ goal: [{ reference: 'urn:uuid:11111111-1111-4111-8111-111111111111' }] })],
    ['a code of the set', clinical({ system, code: 'active' })],
  ])('accepted: %s', (_name, resource) => {
    expect(found(resource)).toEqual([]);
  });
});

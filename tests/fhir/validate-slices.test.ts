import { describe, expect, test } from '@jest/globals';
import type { Resource, r4 } from '../../src/fhir/types.ts';
import { issuesBy, profile } from './support/profile.ts';

type Elements = Parameters<typeof profile>[1];

const core = 'http://hl7.org/fhir/StructureDefinition';
const patient = (more: object): Resource => ({ resourceType: 'Patient', ...more });
const slicing = (
  type: r4.ElementDefinitionSlicingDiscriminator['type'],
  path: string,
  rules: r4.ElementDefinitionSlicing['rules'] = 'open',
  ordered = false,
) => ({ discriminator: [{ type, path }], rules, ordered });

/** Two slices of the identifiers, `a` (exactly one) and `b` (one at most), told apart by their system. */
const identifiers = (rules: r4.ElementDefinitionSlicing['rules'] = 'open', ordered = false): Elements => [
  { id: 'Patient.identifier', slicing: slicing('value', 'system', rules, ordered) },
  { id: 'Patient.identifier:a', sliceName: 'a', min: 1, max: '1' },
  { id: 'Patient.identifier:a.system', fixedUri: 'http://a.example' },
  { id: 'Patient.identifier:a.value', min: 1 },
  { id: 'Patient.identifier:b', sliceName: 'b', max: '1' },
  { id: 'Patient.identifier:b.system', fixedUri: 'http://b.example' },
];
const a = { system: 'http://a.example', value: '1' };
const b = { system: 'http://b.example', value: '1' };
const other = { value: '1' };

describe('slices', () => {
  test.each<[string, Elements, object[], string[]]>([
    ['one that is required', identifiers(), [b], ['required Patient.identifier']],
    ['none at all', identifiers(), [], ['required Patient.identifier']],
    ['one too often', identifiers(), [a, a], ['structure Patient.identifier']],
    ['inside of one', identifiers(), [{ system: a.system }], ['required Patient.identifier[0].value']],
    ['closed', identifiers('closed'), [a, other], ['structure Patient.identifier[1]']],
    ['open at the end only', identifiers('openAtEnd'), [other, a], ['structure Patient.identifier[1]']],
    ['in order', identifiers('open', true), [b, a], ['structure Patient.identifier[1]']],
  ])('refused: %s', (_name, elements, list, expected) => {
    const resource = patient(list.length > 0 ? { identifier: list } : {});
    expect(issuesBy([profile('Patient', elements)], resource)).toEqual(expected);
  });

  test.each<[string, Elements, object[]]>([
    ['open', identifiers(), [other, a, other, b]],
    ['closed', identifiers('closed'), [b, a]],
    ['open at the end', identifiers('openAtEnd'), [b, a, other]],
    ['in order', identifiers('open', true), [a, b]],
  ])('accepted: %s', (_name, elements, identifier) => {
    expect(issuesBy([profile('Patient', elements)], patient({ identifier }))).toEqual([]);
  });
});

describe('discriminators: a slice that must not be, and one beside it', () => {
  const not = (path: string, element: string, more: Elements, how: r4.ElementDefinitionSlicing): Elements => [
    { id: element, slicing: how },
    { id: `${element}:no`, sliceName: 'no', max: '0', ...more.find(({ id }) => id === path) },
    ...more.filter(({ id }) => id !== path),
  ];
  const observation = (more: object): Resource => ({
    ...{ resourceType: 'Observation', status: 'final', code: { text: 'x' } },
    ...more,
  });
  const concept = (code: string) => ({ coding: [{ system: 'http://x.example', code, display: 'x' }] });
  const noCategory = 'Observation.category:no';
  const plan = (more: object): Resource => ({
    ...{ resourceType: 'CarePlan', status: 'active', intent: 'plan', subject: { reference: 'Patient/1' } },
    ...more,
  });

  test.each<[string, Elements, Resource, Resource, string]>([
    [
      'pattern of the element itself',
      not(
        noCategory,
        'Observation.category',
        [{ id: noCategory, patternCodeableConcept: { coding: [{ code: 'n' }] } }],
        slicing('pattern', '$this'),
      ),
      observation({ category: [concept('n')] }),
      observation({ category: [concept('y')] }),
      'Observation.category',
    ],
    [
      'value further in',
      not(
        noCategory,
        'Observation.category',
        [{ id: `${noCategory}.coding.code`, fixedCode: 'n' }],
        slicing('value', 'coding.code'),
      ),
      observation({ category: [concept('n')] }),
      observation({ category: [concept('y')] }),
      'Observation.category',
    ],
    [
      'below the path',
      not(
        noCategory,
        'Observation.category',
        [{ id: `${noCategory}.coding.code`, fixedCode: 'n' }],
        slicing('value', 'coding'),
      ),
      observation({ category: [concept('n')] }),
      observation({ category: [concept('y')] }),
      'Observation.category',
    ],
    [
      'required value set',
      not(
        noCategory,
        'Observation.category',
        [
          {
            id: noCategory,
            binding: { strength: 'required', valueSet: `http://hl7.org/fhir/ValueSet/condition-clinical` },
          },
        ],
        slicing('value', '$this'),
      ),
      observation({
        category: [
          { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }] },
        ],
      }),
      observation({ category: [concept('active')] }),
      'Observation.category',
    ],
    [
      'exists',
      not(noCategory, 'Observation.category', [{ id: `${noCategory}.text`, min: 1 }], slicing('exists', 'text')),
      observation({ category: [{ text: 'x' }] }),
      observation({ category: [concept('x')] }),
      'Observation.category',
    ],
    [
      'type of a choice',
      not(
        'Observation.value[x]:no',
        'Observation.value[x]',
        [{ id: 'Observation.value[x]:no', type: [{ code: 'string' }] }],
        slicing('type', '$this'),
      ),
      observation({ valueString: 'x' }),
      observation({ valueBoolean: true }),
      'Observation.value',
    ],
    [
      'type of a reference',
      not(
        'CarePlan.contributor:no',
        'CarePlan.contributor',
        [
          {
            id: 'CarePlan.contributor:no',
            type: [{ code: 'Reference', targetProfile: [`${core}/Device`] }],
          },
        ],
        slicing('type', '$this.resolve()'),
      ),
      plan({ contributor: [{ reference: 'Device/1' }] }),
      plan({ contributor: [{ reference: 'Patient/1' }] }),
      'CarePlan.contributor',
    ],
    [
      'type of a resource inside',
      not(
        'Bundle.entry:no',
        'Bundle.entry',
        [{ id: 'Bundle.entry:no.resource', type: [{ code: 'Basic' }] }],
        slicing('type', 'resource'),
      ),
      {
        ...{ resourceType: 'Bundle', type: 'collection' },
        entry: [{ resource: { resourceType: 'Basic', code: { text: 'x' } } }],
      },
      { resourceType: 'Bundle', type: 'collection', entry: [{ resource: patient({}) }] },
      'Bundle.entry',
    ],
    [
      'extension',
      [
        {
          id: 'Patient.extension:no',
          sliceName: 'no',
          max: '0',
          type: [{ code: 'Extension', profile: ['http://x.example/no'] }],
        },
      ],
      patient({ extension: [{ url: 'http://x.example/no', valueBoolean: true }] }),
      patient({ extension: [{ url: 'http://x.example/yes', valueBoolean: true }] }),
      'Patient.extension',
    ],
    [
      'value of an extension',
      not(
        noCategory,
        'Observation.category',
        [
          {
            id: `${noCategory}.extension:e`,
            sliceName: 'e',
            type: [{ code: 'Extension', profile: ['http://x.example/e'] }],
          },
          { id: `${noCategory}.extension:e.value[x]`, type: [{ code: 'code' }], fixedCode: 'n' },
        ],
        slicing('value', "extension('http://x.example/e').value"),
      ),
      observation({ category: [{ text: 'x', extension: [{ url: 'http://x.example/e', valueCode: 'n' }] }] }),
      observation({ category: [{ text: 'x', extension: [{ url: 'http://x.example/e', valueCode: 'y' }] }] }),
      'Observation.category',
    ],
  ])('%s', (_name, elements, refused, accepted, place) => {
    const rules = profile(refused.resourceType, elements);
    expect(issuesBy([rules], refused)).toEqual([`structure ${place}`]);
    expect(issuesBy([rules], accepted)).toEqual([]);
  });

  test('the part of a pattern at the path decides of which slice an item is; all of it is asked then', () => {
    const pattern = { coding: [{ system: 'http://z.example', code: 'n' }] };
    const rules = profile('Observation', [
      { id: 'Observation.category', slicing: slicing('value', 'coding.code') },
      { id: noCategory, sliceName: 'no', max: '1', patternCodeableConcept: pattern },
    ]);
    expect(issuesBy([rules], observation({ category: [concept('n')] }))).toEqual(['value Observation.category[0]']);
    expect(issuesBy([rules], observation({ category: [concept('y')] }))).toEqual([]);
  });

  test('a slice of a choice may say its type by its name', () => {
    const rules = profile('Observation', [
      { id: 'Observation.value[x]:valueQuantity', sliceName: 'valueQuantity', min: 1 },
      { id: 'Observation.value[x]:valueQuantity.code', min: 1 },
    ]);
    expect(issuesBy([rules], observation({ valueString: 'x' }))).toEqual(['required Observation.value']);
    expect(issuesBy([rules], observation({ valueQuantity: { value: 1 } }))).toEqual([
      'required Observation.value.ofType(Quantity).code',
    ]);
    const whole = { value: 1, system: 'http://unitsofmeasure.org', code: 'kg' };
    expect(issuesBy([rules], observation({ valueQuantity: whole }))).toEqual([]);
  });

  test('profile of a resource inside', () => {
    const named = profile('Patient', [{ id: 'Patient.name', min: 1 }], { url: 'http://x.example/named' });
    const rules = profile('Bundle', [
      { id: 'Bundle.entry', slicing: slicing('profile', 'resource') },
      { id: 'Bundle.entry:no', sliceName: 'no', max: '0' },
      { id: 'Bundle.entry:no.resource', type: [{ code: 'Patient', profile: [named.url] }] },
    ]);
    const bundle = (more: object): Resource => ({
      ...{ resourceType: 'Bundle', type: 'collection', entry: [{ resource: patient(more) }] },
    });
    expect(issuesBy([rules, named], bundle({ name: [{ text: 'x' }] }))).toEqual(['structure Bundle.entry']);
    expect(issuesBy([rules, named], bundle({ active: true }))).toEqual([]);
  });

  test('into another resource is said to be beyond, and nothing is refused for it', () => {
    const rules = profile('Observation', [
      { id: 'Observation.hasMember', slicing: slicing('value', 'resolve().code', 'closed') },
      { id: 'Observation.hasMember:m', sliceName: 'm', min: 1 },
    ]);
    const resource = observation({ hasMember: [{ reference: 'Observation/1' }] });
    expect(issuesBy([rules], resource)).toEqual(['warning not-supported Observation']);
  });

  test('a value set that nobody knows decides nothing: the item may be of the slice', () => {
    const rules = profile('Observation', [
      { id: 'Observation.category', slicing: slicing('value', '$this', 'closed') },
      { id: noCategory, sliceName: 'no', min: 1, binding: { strength: 'required', valueSet: 'http://x.example/vs' } },
    ]);
    expect(issuesBy([rules], observation({ category: [concept('x')] }))).toEqual([]);
    expect(issuesBy([rules], observation({}))).toEqual(['required Observation.category']);
    expect(issuesBy([rules], observation({ category: [concept('x')] }), () => false)).toEqual([
      'structure Observation.category[0]',
      'required Observation.category',
    ]);
  });
});

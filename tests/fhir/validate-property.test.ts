import { describe, expect, test } from '@jest/globals';
import { parseJson } from '../../src/fhir/json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { buildDir } from './support/built.ts';

const validate = createValidator(buildDir);
const quantity = { value: 100, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' };
const component = (code: string) => ({
  code: { coding: [{ system: 'http://loinc.org', code }] },
  valueQuantity: { ...quantity },
});

/** Resources that meet every rule of their profiles. */
const valid: readonly Resource[] = [
  {
    ...{ resourceType: 'CarePlan', status: 'active', intent: 'plan', subject: { reference: 'Patient/1' } },
    meta: { profile: ['http://careweave.org/fhir/StructureDefinition/shared-plan-of-care'] },
    category: [
      { coding: [{ system: 'http://careweave.org/fhir/CodeSystem/careplan-category', code: 'shared-plan-of-care' }] },
    ],
    activity: [{ reference: { reference: 'Task/1' } }],
  },
  {
    ...{ resourceType: 'Goal', lifecycleStatus: 'active', subject: { reference: 'Patient/1' } },
    meta: { profile: ['http://careweave.org/fhir/StructureDefinition/family-goal'] },
    ...{ description: { text: 'Ride the bus' }, expressedBy: { reference: 'Patient/1' } },
  },
  {
    ...{ resourceType: 'Patient', gender: 'other', birthDate: '2020-01-01' },
    meta: { profile: ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient'] },
    ...{ identifier: [{ system: 'http://x.example', value: '1' }], name: [{ family: 'a', given: ['b', 'c'] }] },
  },
  {
    ...{ resourceType: 'Observation', status: 'final', subject: { reference: 'Patient/1' } },
    meta: {
      profile: [
        'http://hl7.org/fhir/us/core/StructureDefinition/us-core-blood-pressure',
        'http://hl7.org/fhir/StructureDefinition/bp',
      ],
    },
    category: [
      { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
    effectiveDateTime: '2026-01-01',
    component: [component('8480-6'), component('8462-4')],
  },
];

/** Every object in a resource, with how to reach it; `meta` and the resource itself count too. */
function objectsIn(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [];
  const children = Object.entries(value).flatMap(([key, child]) =>
    objectsIn(child, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return Array.isArray(value) ? children : [path, ...children];
}

/** A copy in which the object at the path has been changed. */
function changed<T>(
  resource: T,
  path: readonly (string | number)[],
  change: (object: Record<string, unknown>) => void,
): T {
  const copy = structuredClone(resource);
  let at: unknown = copy;
  for (const step of path) at = Reflect.get(Object(at), step);
  change(at as Record<string, unknown>);
  return copy;
}

const places = valid.flatMap((resource) =>
  objectsIn(resource).map((path) => ({ name: [resource.resourceType, ...path].join('.'), resource, path })),
);

describe('what is valid', () => {
  test.each(valid.map((resource) => [resource.resourceType, resource] as const))('%s', (_type, resource) => {
    expect(validate(resource)).toEqual([]);
  });

  test.each(places)('stays valid with a strange extension and an id at $name', ({ resource, path }) => {
    const extended = changed(resource, path, (object) => {
      object.extension = [{ url: 'http://x.example/strange', valueString: 'x' }];
      object.id = 'x1';
    });
    expect(validate(extended)).toEqual([]);
  });

  test.each(valid.map((resource) => [resource.resourceType, resource] as const))(
    'stays valid with extensions of every primitive of %s',
    (_type, resource) => {
      for (const path of objectsIn(resource)) {
        const extended = changed(resource, path, (object) => {
          for (const [key, value] of Object.entries(object)) {
            if (key === 'resourceType' || (typeof value === 'object' && !Array.isArray(value))) continue;
            const extension = { extension: [{ url: 'http://x.example/strange', valueString: 'x' }] };
            if (!Array.isArray(value)) object[`_${key}`] = extension;
            else if (typeof value[0] !== 'object') object[`_${key}`] = value.map(() => extension);
          }
        });
        expect(validate(extended)).toEqual([]);
      }
    },
  );

  test('stays valid whatever the order of its properties, and with decimals as they were written', () => {
    for (const resource of valid) {
      const turned = Object.fromEntries(Object.entries(resource).reverse()) as Resource;
      const text = JSON.stringify(turned).replaceAll('"value":100,', '"value":100.00,');
      expect(validate(parseJson(text) as Resource)).toEqual([]);
    }
  });
});

describe('what is of a wrong kind', () => {
  test.each(valid.map((resource) => [resource.resourceType, resource] as const))(
    'anywhere in %s is answered with issues at places, and a null always with one',
    (_type, resource) => {
      const values = [null, 1, 'x', true, [], {}, [[]], [{}], [null], { x: 1 }, [1]];
      for (const path of objectsIn(resource)) {
        const object = path.reduce<unknown>((at, step) => Reflect.get(Object(at), step), resource);
        for (const key of Object.keys(Object(object))) {
          for (const value of values) {
            const broken = changed(resource, path, (copy) => {
              copy[key] = value;
            });
            const issues = validate(broken);
            expect(issues.every(({ text, expression }) => text !== '' && expression?.length === 1)).toBe(true);
            expect(value === null && issues.length === 0).toBe(false);
          }
        }
      }
    },
  );
});

import { describe, expect, test } from '@jest/globals';
import { parseJson } from '../../../src/fhir/json.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { FhirElement } from '../../../src/measures/engine/model/element.ts';
import { fhirHelpers } from '../../../src/measures/engine/model/fhir-helpers.ts';
import { createZone } from '../../../src/measures/engine/model/zone.ts';
import { createSlice } from '../../../src/measures/engine/slice.ts';
import { CqlFault } from '../../../src/measures/engine/values/fault.ts';
import type { Value } from '../../../src/measures/engine/values/types.ts';
import { Units } from '../../../src/measures/engine/values/units.ts';
import { fhirModel } from './built-model.ts';

const units = new Units({ unitOf: () => undefined });

function element(resource: Resource, zone = 'UTC'): FhirElement {
  const [found] = createSlice([resource]).view(fhirModel, createZone(zone)).all(resource.resourceType);
  if (!found) throw new Error('not in the slice');
  return found;
}

/** The value at the end of a path; a list gives its first element. */
function at(start: FhirElement, path: string): Value {
  let value: Value = start;
  for (const step of path.split('.')) {
    const one: Value = Array.isArray(value) ? (value[0] ?? null) : value;
    value = one instanceof FhirElement ? one.get(step) : null;
  }
  return value;
}

const text = (value: Value) => (value === null ? null : String(value));

describe('JSON of the wrong kind is a fault that names the element', () => {
  test.each<[string, object, string, string]>([
    ['a list where one value belongs', { status: ['final'] }, 'status', 'Observation.status'],
    ['an object where a text belongs', { status: { value: 'final' } }, 'status', 'Observation.status'],
    ['a number where a text belongs', { status: 5 }, 'status', 'Observation.status'],
    ['a text where an object belongs', { code: 'final' }, 'code', 'Observation.code'],
    [
      'a single object where a list belongs',
      { code: { coding: { code: 'a' } } },
      'code.coding',
      'CodeableConcept.coding',
    ],
    ['a text in a list of objects', { code: { coding: ['a'] } }, 'code.coding', 'CodeableConcept.coding'],
    ['a boolean as text', { valueBoolean: 'true' }, 'value', 'Observation.valueBoolean'],
    ['a date as a number', { effectiveDateTime: 20260101 }, 'effective', 'Observation.effectiveDateTime'],
  ])('%s', (_, content, path, named) => {
    const record = element({ resourceType: 'Observation', ...content });
    expect(() => at(record, path)).toThrow(CqlFault);
    expect(() => at(record, path)).toThrow(`${named} of a record is not`);
  });

  test('of what is not looked at, nothing is said', () => {
    expect(at(element({ resourceType: 'Observation', status: 'final', code: 5 }), 'status.value')).toBe('final');
  });
});

describe('what cannot be read is null', () => {
  test.each<[string, unknown, string]>([
    ['null in a list', { code: { coding: [null] } }, 'code.coding.code'],
    ['a date that is none', { effectiveDateTime: '2026-02-30' }, 'effective.value'],
    ['a date with an odd month', { effectiveDateTime: '2026-13' }, 'effective.value'],
    ['an empty text for a date', { effectiveDateTime: '' }, 'effective.value'],
    ['an integer with a fraction', { valueInteger: 1.5 }, 'value.value'],
    ['an integer out of range', { valueInteger: 3000000000 }, 'value.value'],
    ['an element that the type has not', { nonsense: 1 }, 'nonsense'],
    ['a name of an object that every object has', {}, 'constructor'],
  ])('%s', (_, content, path) => {
    expect(at(element({ resourceType: 'Observation', ...(content as object) }), path)).toBeNull();
  });

  test('a type that FHIR has not is left out of the slice', () => {
    const view = createSlice([{ resourceType: 'Nonsense' }, { resourceType: 'Encounter' }]);
    expect(view.view(fhirModel, createZone('UTC')).all('Nonsense')).toEqual([]);
    expect(view.view(fhirModel, createZone('UTC')).all('Encounter')).toHaveLength(1);
  });
});

describe('elements know their type', () => {
  const observation = element({
    resourceType: 'Observation',
    id: 'o',
    status: 'final',
    valueQuantity: { value: 1.5, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
    component: [{ valueString: 'x' }],
    effectivePeriod: { start: '2026-01-01' },
  });

  test.each([
    ['value', '{http://hl7.org/fhir}Quantity'],
    ['effective', '{http://hl7.org/fhir}Period'],
    ['status', '{http://hl7.org/fhir}code'],
    ['component', '{http://hl7.org/fhir}Observation.component'],
    ['component.value', '{http://hl7.org/fhir}string'],
  ])('%s', (path, type) => {
    const found = at(observation, path);
    const one = Array.isArray(found) ? found[0] : found;
    expect(one instanceof FhirElement && one.typeName).toBe(type);
  });

  test('a code is a string, a quantity is no string', () => {
    const status = at(observation, 'status');
    const value = at(observation, 'value');
    expect(status instanceof FhirElement && status.isOfType('{http://hl7.org/fhir}string')).toBe(true);
    expect(value instanceof FhirElement && value.isOfType('{http://hl7.org/fhir}string')).toBe(false);
    expect(observation.isOfType('{http://hl7.org/fhir}DomainResource')).toBe(true);
  });

  test('an element looked at twice is one object', () => {
    expect(observation.get('value')).toBe(observation.get('value'));
  });

  test('a choice can be named by its property', () => {
    expect(observation.get('valueQuantity')).toBe(observation.get('value'));
    expect(observation.get('valueString')).toBeNull();
  });

  test('an extension of a primitive is found though the primitive is absent', () => {
    const patient = element({
      resourceType: 'Patient',
      _birthDate: { extension: [{ url: 'http://example.org/why', valueCode: 'unknown' }] },
    });
    expect(at(patient, 'birthDate.value')).toBeNull();
    expect(at(patient, 'birthDate.extension.value.value')).toBe('unknown');
  });

  test('the id of an element is a text, that of a resource an element', () => {
    const patient = element({ resourceType: 'Patient', id: 'p', name: [{ id: 'n' }] });
    expect(at(patient, 'name.id')).toBe('n');
    expect(at(patient, 'id.value')).toBe('p');
  });
});

test('decimals keep what JSON says of them', () => {
  const resource = parseJson('{"resourceType":"Observation","valueQuantity":{"value":1.10}}') as Resource;
  expect(at(element(resource), 'value.value.value')).toMatchObject({ units: 110_000_000n, scale: 2 });
});

test('a time without an offset is a time of the zone, one with an offset is not', () => {
  const start = (written: string, zone: string) =>
    text(at(element({ resourceType: 'Encounter', period: { start: written } }, zone), 'period.start.value'));
  expect(start('2026-07-01T10:00:00', 'America/Chicago')).toBe('2026-07-01T10:00:00-05:00');
  expect(start('2026-01-01T10:00:00', 'America/Chicago')).toBe('2026-01-01T10:00:00-06:00');
  expect(start('2026-07-01T10:00:00Z', 'America/Chicago')).toBe('2026-07-01T10:00:00+00:00');
});

describe('offsets of a time zone', () => {
  const chicago = createZone('America/Chicago');
  const at = (iso: string) => Date.parse(iso);

  test('a name that is no zone is refused', () => {
    expect(() => createZone('Nowhere/Town')).toThrow(RangeError);
  });

  test.each([
    ['2026-03-08T07:59:00Z', -360],
    ['2026-03-08T08:00:00Z', -300],
    ['2026-11-01T06:59:00Z', -300],
    ['2026-11-01T07:00:00Z', -360],
  ])('at %s', (instant, offset) => {
    expect(chicago.offsetAt(at(instant))).toBe(offset);
  });

  test.each([
    ['before clocks go forward', '2026-03-08T01:59:00Z', -360],
    ['after clocks go forward', '2026-03-08T03:00:00Z', -300],
    ['before clocks go back', '2026-11-01T00:59:00Z', -300],
    ['after clocks go back', '2026-11-01T02:00:00Z', -360],
  ])('%s', (_, local, offset) => {
    expect(chicago.offsetAtLocal(at(local))).toBe(offset);
  });
});

describe('FHIRHelpers', () => {
  const convert = (name: string, valueOfObservation: object) =>
    fhirHelpers[name]?.(element({ resourceType: 'Observation', ...valueOfObservation }).get('value'), units) ?? null;

  test.each([
    ['no value', { valueQuantity: { unit: 'kg' } }],
    ['a comparator', { valueQuantity: { value: 1, comparator: '<' } }],
    ['a system that is not UCUM', { valueQuantity: { value: 1, system: 'http://example.org/units', code: 'x' } }],
  ])('a Quantity with %s is null', (_, value) => {
    expect(convert('ToQuantity', value)).toBeNull();
  });

  test.each([
    [{ value: 1.5, unit: 'kg' }, "1.5 'kg'"],
    [{ value: 2, unit: 'years', system: 'http://unitsofmeasure.org', code: 'a' }, '2.0 year'],
    [{ value: 3 }, "3.0 '1'"],
  ])('Quantity %j', (quantity, expected) => {
    expect(text(convert('ToQuantity', { valueQuantity: quantity }))).toBe(expected);
  });

  test('a period without a start begins nobody knows when; one without an end goes on', () => {
    const [open, ongoing] = [{ end: '2026' }, { start: '2026' }].map((valuePeriod) =>
      convert('ToInterval', { valuePeriod }),
    );
    expect(open).toMatchObject({ low: null, lowClosed: false, highClosed: true, start: null });
    expect(ongoing).toMatchObject({ high: null, lowClosed: true, highClosed: true });
    expect(ongoing).not.toMatchObject({ end: null });
  });

  test('null stays null', () => {
    for (const helper of Object.values(fhirHelpers)) expect(helper(null, units)).toBeNull();
  });
});

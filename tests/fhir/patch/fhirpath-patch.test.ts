import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { parseJson, stringifyJson } from '../../../src/fhir/json.ts';
import { parseFhirPathPatch } from '../../../src/fhir/patch/fhirpath-patch.ts';

const schema = loadDefinitions(path.join(import.meta.dirname, '../../../build/fhir')).schema();
const text = JSON.stringify({
  resourceType: 'Observation',
  id: 'o',
  status: 'final',
  _status: { id: 's' },
  code: {
    coding: [
      { system: 'urn:a', code: '1' },
      { system: 'urn:b', code: '2' },
    ],
  },
  valueQuantity: { value: JSON.rawJSON('12.50'), unit: 'kg' },
  component: [{ code: { text: 'first' }, valueBoolean: false }, { code: { text: 'second' } }],
});
const patient = JSON.stringify({
  resourceType: 'Patient',
  name: [{ given: ['One', 'Two'], _given: [{ id: 'g1' }, null] }],
});

const operation = (parts: Record<string, unknown>) => ({
  name: 'operation',
  part: Object.entries(parts).map(([name, value]) => {
    if (name === 'value') return { name, ...(value as object) };
    const key = name === 'type' ? 'valueCode' : typeof value === 'number' ? 'valueInteger' : 'valueString';
    return { name, [key]: value };
  }),
});

function patched(operations: Record<string, unknown>[], on = text): string {
  const patch = parseFhirPathPatch({ resourceType: 'Parameters', parameter: operations.map(operation) }, schema);
  if (!patch.ok) return patch.error.kind;
  const result = patch.value(parseJson(on));
  return result.ok ? stringifyJson(result.value) : result.error.kind;
}
const json = (operations: Record<string, unknown>[], on = text) => JSON.parse(patched(operations, on));

describe('refusals', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['an unknown type', { type: 'upsert', path: 'Observation.status' }, 'invalid'],
    ['no path', { type: 'delete' }, 'invalid'],
    ['no value', { type: 'replace', path: 'Observation.status' }, 'invalid'],
    ['no name', { type: 'add', path: 'Observation', value: { valueCode: 'x' } }, 'invalid'],
    ['no index', { type: 'insert', path: 'Observation.component', value: { valueCode: 'x' } }, 'invalid'],
    [
      'a value of two types',
      { type: 'replace', path: 'Observation.status', value: { valueCode: 'x', valueString: 'y' } },
      'invalid',
    ],
    ['no FHIRPath', { type: 'delete', path: 'Observation.((' }, 'invalid'],
    ['a path to a computed value', { type: 'delete', path: 'Observation.status.upper()' }, 'invalid'],
    ['deleting several', { type: 'delete', path: 'Observation.component' }, 'unprocessable'],
    ['deleting all', { type: 'delete', path: 'Observation' }, 'unprocessable'],
    [
      'replacing nothing',
      { type: 'replace', path: 'Observation.issued', value: { valueInstant: 'x' } },
      'unprocessable',
    ],
    [
      'replacing several',
      { type: 'replace', path: 'Observation.code.coding.code', value: { valueCode: 'x' } },
      'unprocessable',
    ],
    [
      'adding over one',
      { type: 'add', path: 'Observation', name: 'status', value: { valueCode: 'x' } },
      'unprocessable',
    ],
    [
      'adding a second choice',
      { type: 'add', path: 'Observation', name: 'value', value: { valueString: 'x' } },
      'unprocessable',
    ],
    [
      'adding an unknown element',
      { type: 'add', path: 'Observation', name: 'nope', value: { valueString: 'x' } },
      'unprocessable',
    ],
    [
      'adding into a primitive',
      { type: 'add', path: 'Observation.status', name: 'x', value: { valueString: 'x' } },
      'unprocessable',
    ],
    [
      'inserting beyond the end',
      { type: 'insert', path: 'Observation.code.coding', index: 3, value: { valueCoding: {} } },
      'unprocessable',
    ],
    [
      'moving beyond the end',
      { type: 'move', path: 'Observation.code.coding', source: 0, destination: 2 },
      'unprocessable',
    ],
    [
      'moving within a part of a list',
      { type: 'move', path: "Observation.code.coding.where(code='2')", source: 0, destination: 0 },
      'unprocessable',
    ],
    [
      'a path into a prototype',
      { type: 'add', path: 'Observation.constructor', name: 'x', value: { valueString: 'x' } },
      'invalid',
    ],
  ])('%s', (_name, parts, kind) => {
    expect(patched([parts])).toBe(kind);
  });
  test.each<[string, string]>([
    ['a regular expression', "Observation.code.where(text.matches('(a+)+$'))"],
    ['a regular expression behind a string', "Observation.code.where('it\\\\'s'.matches('(a+)+$'))"],
    ['a function behind a comment', 'Observation.code.matches/* */(1)'],
    ['repeat', 'Observation.repeat($this)'],
    ['a union', 'Observation.code | Observation.status'],
    ['a variable', 'Observation.component.where(%resource.status = 1)'],
    ['a path of 100 kB', 'Observation.code'.repeat(6000)],
  ])('a path with %s, which could cost minutes', (_name, expression) => {
    expect(patched([{ type: 'delete', path: expression }])).toBe('invalid');
  });
  test('a Parameters resource of another kind, or none at all', () => {
    for (const body of [
      null,
      {},
      { resourceType: 'Parameters' },
      { resourceType: 'Parameters', parameter: [{ name: 'x' }] },
    ]) {
      expect(parseFhirPathPatch(body, schema)).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    }
  });
});

describe('operations', () => {
  test('add: to a list, a single element, a choice, and from nested parts', () => {
    expect(
      json([{ type: 'add', path: 'Observation.code', name: 'coding', value: { valueCoding: { code: '3' } } }]).code
        .coding,
    ).toHaveLength(3);
    expect(json([{ type: 'add', path: 'Observation.code', name: 'text', value: { valueString: 't' } }]).code.text).toBe(
      't',
    );
    expect(
      json([{ type: 'add', path: 'Observation.component[1]', name: 'value', value: { valueString: 't' } }]).component[1]
        .valueString,
    ).toBe('t');
    const nested = {
      part: [
        { name: 'code', valueCodeableConcept: { text: 'third' } },
        { name: 'value', valueInteger: 3 },
        { name: 'interpretation', valueCodeableConcept: { text: 'high' } },
      ],
    };
    expect(json([{ type: 'add', path: 'Observation', name: 'component', value: nested }]).component[2]).toEqual({
      code: { text: 'third' },
      valueInteger: 3,
      interpretation: [{ text: 'high' }],
    });
  });
  test('replace: a value, an item, a choice by another type; the extensions of the old value go', () => {
    const amended = json([{ type: 'replace', path: 'Observation.status', value: { valueCode: 'amended' } }]);
    expect([amended.status, amended._status]).toEqual(['amended', undefined]);
    expect(
      json([{ type: 'replace', path: "Observation.code.coding.where(system='urn:b').code", value: { valueCode: '9' } }])
        .code.coding[1].code,
    ).toBe('9');
    const other = json([{ type: 'replace', path: 'Observation.value', value: { valueString: 'heavy' } }]);
    expect([other.valueString, other.valueQuantity]).toEqual(['heavy', undefined]);
  });
  test('conditions may compare, combine and look at the item itself', () => {
    const first =
      "Observation.code.coding.where((system = 'urn:a' or system.startsWith('urn:x')) and code.exists()).first()";
    expect(json([{ type: 'delete', path: first }]).code.coding).toHaveLength(1);
    expect(json([{ type: 'delete', path: "Observation.status.where($this = 'final')" }])).not.toHaveProperty('status');
  });
  test('too many operations for so large a resource', () => {
    const note = Array.from({ length: 20_000 }, () => ({ text: 'x' }));
    const large = JSON.stringify({ ...JSON.parse(text), note });
    const many = Array.from({ length: 500 }, () => ({ type: 'delete', path: 'Observation.issued' }));
    expect(patched(many, large)).toBe('too-large');
    expect(patched(many.slice(0, 2), large)).toContain('"resourceType"');
  });
  test('delete: one element, the last item of a list, and nothing', () => {
    expect(json([{ type: 'delete', path: 'Observation.value' }])).not.toHaveProperty('valueQuantity');
    expect(json([{ type: 'delete', path: 'Observation.component[0]' }]).component).toHaveLength(1);
    const both = { type: 'delete', path: 'Observation.component[0]' };
    expect(json([both, both])).not.toHaveProperty('component');
    expect(json([{ type: 'delete', path: 'Observation.issued' }])).toEqual(JSON.parse(text));
  });
  test('insert and move take the extensions of primitives along', () => {
    const inserted = json(
      [{ type: 'insert', path: 'Patient.name[0].given', index: 0, value: { valueString: 'Zero' } }],
      patient,
    );
    expect(inserted.name[0]).toEqual({ given: ['Zero', 'One', 'Two'], _given: [null, { id: 'g1' }, null] });
    const moved = json([{ type: 'move', path: 'Patient.name[0].given', source: 0, destination: 1 }], patient);
    expect(moved.name[0]).toEqual({ given: ['Two', 'One'], _given: [null, { id: 'g1' }] });
  });
  test('decimals keep their digits', () => {
    expect(patched([{ type: 'delete', path: 'Observation.component[0]' }])).toContain('"value":12.50');
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { buildDefinitions } from '../../scripts/build-definitions.ts';
import { loadDefinitions } from '../../src/fhir/definitions.ts';
import { builtDefinitions } from './support/built.ts';

const definitions = builtDefinitions();

describe('what the definitions do not know', () => {
  test('types of other versions, other vendors, datatypes and abstract types', () => {
    for (const type of [
      'Bot',
      'ClientApplication',
      'SubscriptionStatus',
      'Period',
      'Resource',
      'DomainResource',
      'patient',
      '__proto__',
      'constructor',
    ]) {
      expect(definitions.types.has(type)).toBe(false);
      expect(definitions.searchParams(type).size).toBe(0);
      expect(definitions.compartmentParams(type)).toEqual([]);
    }
  });
  test('missing artifacts are a fault at start', () => {
    expect(() => loadDefinitions('/nonexistent')).toThrow();
  });
});

describe('what they know', () => {
  test('the 146 concrete resource types of R4', () => {
    expect(definitions.types.size).toBe(146);
  });

  test('every type has the common parameters', () => {
    for (const type of definitions.types) {
      const codes = [...definitions.searchParams(type).keys()];
      for (const common of ['_id', '_lastUpdated', '_tag', '_profile', '_security', '_source'])
        expect(codes).toContain(common);
    }
  });

  test('expressions are narrowed to their one type', () => {
    const code = definitions.searchParams('Observation').get('code');
    expect(code).toMatchObject({
      kind: 'token',
      expression: 'Observation.code',
      paths: [{ steps: ['code'], type: 'CodeableConcept' }],
    });
    const patient = definitions.searchParams('Observation').get('patient');
    expect(patient).toMatchObject({
      kind: 'reference',
      targets: ['Patient'],
      paths: [{ steps: ['subject'], type: 'Reference', target: 'Patient' }],
    });
    const onset = definitions.searchParams('Condition').get('onset-date');
    expect(onset?.paths?.map(({ steps, type }) => [steps.join('.'), type])).toEqual([
      ['onsetDateTime', 'dateTime'],
      ['onsetPeriod', 'Period'],
    ]);
  });

  test('only these need the FHIRPath engine', () => {
    const interpreted = [...definitions.types].flatMap((type) =>
      [...definitions.searchParams(type).values()]
        .filter(({ kind, paths }) => paths === undefined && kind !== 'composite' && kind !== 'special')
        .map(({ code }) => `${type}.${code}`),
    );
    expect(interpreted).toEqual(['Patient.deceased']);
  });

  test('what leads to a resource inside of a Bundle is not among them: no reference names it', () => {
    expect(definitions.searchParams('Bundle').has('composition')).toBe(false);
    expect(definitions.searchParams('Bundle').has('message')).toBe(false);
    expect(definitions.searchParams('Bundle').has('identifier')).toBe(true);
  });

  test('every compartment parameter is a reference parameter of its type', () => {
    for (const type of definitions.types) {
      for (const code of definitions.compartmentParams(type)) {
        expect([type, code, definitions.searchParams(type).get(code)?.kind]).toEqual([type, code, 'reference']);
      }
    }
    expect(definitions.compartmentParams('Observation')).toEqual(['subject', 'performer']);
    expect(definitions.compartmentParams('Organization')).toEqual([]);
  });
});

describe('the build', () => {
  const dirs = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'definitions-')));
  afterAll(() => {
    for (const dir of dirs) rmSync(dir, { recursive: true });
  });
  test('gives the same bytes every time', () => {
    const [first, second] = dirs.map((dir) => {
      buildDefinitions(dir);
      return readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8')]);
    });
    expect(first?.length).toBeGreaterThan(140);
    expect(first).toEqual(second);
  });
});

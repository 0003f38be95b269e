import { describe, expect, test } from '@jest/globals';
import { type CapabilityOptions, capabilityStatement } from '../../src/fhir/capability.ts';
import { operationOutcome } from '../../src/fhir/outcome.ts';
import type { r4 } from '../../src/fhir/types.ts';
import { createValidator } from '../../src/fhir/validate.ts';
import { baseUrl, buildDir, builtDefinitions } from './support/built.ts';

const validate = createValidator(buildDir);
const options: CapabilityOptions = {
  definitions: builtDefinitions(),
  baseUrl,
  version: '0.1.0',
  date: '2026-01-01',
  interactions: ['read', 'search-type', 'create'],
  systemInteractions: ['transaction'],
  operations: [
    {
      name: 'compose',
      definition: 'http://x.example/OperationDefinition/compose',
      level: 'instance',
      resourceType: 'Patient',
    },
    { name: 'versions', definition: 'http://x.example/OperationDefinition/versions', level: 'system' },
  ],
  flags: { conditionalCreate: true, conditionalUpdate: false, conditionalDelete: 'not-supported', updateCreate: true },
  security: { authorizeUrl: 'http://x.example/authorize', tokenUrl: 'http://x.example/token' },
};
const rest = (changes: Partial<CapabilityOptions> = {}) =>
  (capabilityStatement({ ...options, ...changes }) as unknown as r4.CapabilityStatement).rest?.[0];
const type = (name: string) => rest()?.resource?.find((resource) => resource.type === name);

describe('the capability statement', () => {
  test('lists the search parameters of every kind', () => {
    const kinds = (name: string) => type(name)?.searchParam?.map((param) => `${param.name} ${param.type}`);
    expect(kinds('Observation')).toEqual(
      expect.arrayContaining(['code token', 'value-quantity quantity', 'code-value-quantity composite']),
    );
    expect(kinds('RiskAssessment')).toContain('probability number');
    expect(kinds('Location')).toContain('near special');
  });
  test('lists operations where they are, and nowhere else', () => {
    expect(type('Patient')?.operation).toEqual([
      { name: 'compose', definition: 'http://x.example/OperationDefinition/compose' },
    ]);
    expect(type('Group')?.operation).toBeUndefined();
    expect(rest()?.operation?.map(({ name }) => name)).toEqual(['versions']);
  });
  test('names includes in both directions', () => {
    expect(type('Observation')?.searchInclude).toEqual(expect.arrayContaining(['*', 'Observation:subject']));
    expect(type('Patient')?.searchRevInclude).toEqual(expect.arrayContaining(['*', 'Observation:subject']));
  });
  test('has one resource for each type, and no empty lists', () => {
    expect(rest()?.resource?.length).toBe(options.definitions.types.size);
    expect(rest({ operations: [], systemInteractions: [] })).not.toHaveProperty('operation');
  });
  test('is valid, with and without security', () => {
    expect(validate(capabilityStatement(options))).toEqual([]);
    expect(
      validate(capabilityStatement({ ...options, security: undefined, operations: [], systemInteractions: [] })),
    ).toEqual([]);
  });
});

test('an outcome is valid, whatever the issue has', () => {
  const outcome = operationOutcome([
    { code: 'value', text: 'No.', expression: ['Patient.name'] },
    { code: 'informational', text: 'Fine.', severity: 'information', expression: [] },
  ]);
  expect(outcome.issue).toMatchObject([
    { severity: 'error', expression: ['Patient.name'] },
    { severity: 'information' },
  ]);
  expect(validate(outcome)).toEqual([]);
});

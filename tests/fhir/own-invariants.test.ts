import { expect, test } from '@jest/globals';
import { evalFhirPathTyped, parseFhirPath } from '@medplum/core';
import fc from 'fast-check';
import { ownInvariants } from '../../src/fhir/validate/own-invariants.ts';
import { createSchema } from '../../src/fhir/validate/schema.ts';
import { buildDir } from './support/built.ts';

const schema = createSchema(`${buildDir}/structures`);
const hl7 = (name: string) => `http://terminology.hl7.org/CodeSystem/${name}`;
const some = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const concept = (system: string, ...codes: string[]) =>
  fc.option(
    fc.array(fc.record({ system: fc.constantFrom(hl7(system), hl7('other')), code: fc.constantFrom(...codes, 'x') }), {
      maxLength: 2,
    }),
    { nil: undefined },
  );
const object = (elements: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(elements).map((all) => {
    const kept = Object.entries(all).filter(([, value]) => value !== undefined);
    return Object.fromEntries(kept.map(([name, value]) => [name, Array.isArray(value) ? { coding: value } : value]));
  });

const status = concept('condition-clinical', 'active', 'resolved', 'inactive', 'remission');
const verified = (system: string) => concept(system, 'confirmed', 'entered-in-error');

/** Type, element within it, key, and values that meet the invariant or do not. */
const cases: [type: string, shape: string, key: string, values: fc.Arbitrary<Record<string, unknown>>][] = [
  [
    'Condition',
    'Condition',
    'con-4',
    object({ clinicalStatus: status, abatementString: some('over'), abatementDateTime: some('2020') }),
  ],
  [
    'Condition',
    'Condition',
    'con-5',
    object({ clinicalStatus: status, verificationStatus: verified('condition-ver-status') }),
  ],
  ...(['ait-1', 'ait-2'] as const).map((key): (typeof cases)[number] => [
    'AllergyIntolerance',
    'AllergyIntolerance',
    key,
    object({
      clinicalStatus: concept('allergyintolerance-clinical', 'active'),
      verificationStatus: verified('allergyintolerance-verification'),
    }),
  ]),
  ['Goal', 'Goal.target', 'gol-1', object({ detailString: some('less'), measure: concept('m', 'a'), due: some('x') })],
  [
    'ServiceRequest',
    'ServiceRequest',
    'prr-1',
    object({ orderDetail: some({ text: 'x' }), code: some({ text: 'y' }) }),
  ],
  ['Patient', 'ContactPoint', 'cpt-2', object({ value: some('1'), system: some('phone'), use: some('home') })],
];

test.each(cases)('%s: %s %s says what its FHIRPath says', (type, shapeName, key, values) => {
  schema.resource(type);
  const shape = schema.shape(shapeName);
  const inFields = [...(schema.shape(type)?.fields.values() ?? [])].flatMap(({ constraints }) => constraints);
  const constraint = [...(shape?.constraints ?? []), ...inFields].find((one) => one.key === key);
  const atom = parseFhirPath(constraint?.expression ?? '');
  const seen = new Set<boolean>();
  fc.assert(
    fc.property(values, (value) => {
      const [answer] = evalFhirPathTyped(atom, [{ type: shape?.typeName ?? type, value }]);
      const holds = answer?.value !== false;
      seen.add(holds);
      expect([value, ownInvariants.get(key)?.(value, value)]).toEqual([value, holds]);
    }),
    { numRuns: 300, seed: 11 },
  );
  expect(seen.size).toBe(2);
});

test.each([
  ['2020-01-02', '2020-01-01', true],
  ['2020-01-01', '2020-01-02', false],
  ['2020-01-01', '2020-01-01T10:00:00Z', true],
  ['2019-12-31', '2020-01-01T10:00:00Z', false],
  ['2020-01-01T10:00:00+02:00', '2020-01-01T09:00:00Z', false],
  ['2020-01-01T10:00:00-02:00', '2020-01-01T11:00:00Z', true],
  [undefined, '2020-01-01', true],
])('inv-1 of a Task: changed %s, authored %s', (lastModified, authoredOn, holds) => {
  const task = { authoredOn, ...(lastModified === undefined ? {} : { lastModified }) };
  expect(ownInvariants.get('inv-1 Task')?.(task, task)).toBe(holds);
});

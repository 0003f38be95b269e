import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { compileLogic } from '../../../src/measures/engine/logic.ts';
import { createTranslator, type ModelTask } from '../../../src/measures/translate.ts';
import { fhirModel } from '../engine/built-model.ts';
import { comparable } from '../engine/comparable.ts';
import { given, over } from '../engine/logic-of.ts';
import { exampleXml, partsXml } from './example.ts';

const models: ModelTask[] = [
  { name: 'QICore', version: '0.1.0', xml: exampleXml, hash: 'example' },
  { name: 'ExampleParts', version: '1.0.0', xml: partsXml, hash: 'parts' },
];
const translate = createTranslator();
const race = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race';
const listed = 'http://example.org/ValueSet/listed';
const valueSets: r4.ValueSet[] = [
  {
    resourceType: 'ValueSet',
    url: listed,
    status: 'active',
    expansion: { timestamp: '2026-01-01', contains: [{ system: 'http://x', code: 'a' }] },
  },
];

function logicOf(using: string, definitions: Readonly<Record<string, string>>, taken: readonly ModelTask[]) {
  const body = Object.entries(definitions).map(([name, text]) => `define ${name}: ${text}\n`);
  const cql = `library T version '1'\nusing ${using}\ninclude FHIRHelpers version '4.0.1'\nvalueset "V": '${listed}'
parameter "Measurement Period" Interval<DateTime>\ncontext Patient\n${body.join('')}`;
  const { elm, problems } = translate(cql, taken);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  const logic = compileLogic({ main: elm, libraries: [], valueSets, model: fhirModel });
  if (!logic.ok) throw new Error(logic.error.issues[0]?.text);
  return logic.value;
}

/** What a definition says over the model, and the same over FHIR. */
const pairs: Readonly<Record<string, readonly [model: string, fhir: string]>> = {
  Born: ['Patient.birthDate', 'Patient.birthDate.value'],
  Age: ['AgeInYearsAt(Today())', 'AgeInYearsAt(Today())'],
  Girl: [`Patient.gender = 'female'`, `Patient.gender.value = 'female'`],
  Race: [
    'Patient.race.ombCategory',
    `((singleton from (Patient.extension X where X.url.value = '${race}')).extension) X where X.url.value = 'ombCategory' return all FHIRHelpers.ToCode(X.value as FHIR.Coding)`,
  ],
  RaceText: [
    'Patient.race.text',
    `singleton from (((singleton from (Patient.extension X where X.url.value = '${race}')).extension) X where X.url.value = 'text' return all (X.value as FHIR.string).value)`,
  ],
  Visits: [
    `[Encounter: "V"] E where E.period during "Measurement Period" and E.status = 'finished' and E.class.code = 'AMB' return E.id`,
    `[Encounter: "V"] E where FHIRHelpers.ToInterval(E.period) during "Measurement Period" and E.status.value = 'finished' and E.class.code.value = 'AMB' return E.id.value`,
  ],
  Types: [
    '[Encounter] E return all Count(E.type T where T in "V")',
    '[Encounter] E return all Count(E.type T where FHIRHelpers.ToConcept(T) in "V")',
  ],
  Places: [
    `[Encounter] E return all Count(E.location L where L.status = 'active')`,
    `[Encounter] E return all Count(E.location L where L.status.value = 'active')`,
  ],
  Results: [
    `[Observation: "V"] O where O.effective is DateTime and (O.value as Concept) in "V" return O.id`,
    `[Observation: "V"] O where O.effective is FHIR.dateTime and FHIRHelpers.ToConcept(O.value as FHIR.CodeableConcept) in "V" return O.id.value`,
  ],
  Amounts: [
    `[Observation] O where (O.value as Quantity) > 3 'kg' return O.id`,
    `[Observation] O where FHIRHelpers.ToQuantity(O.value as FHIR.Quantity) > 3 'kg' return O.id.value`,
  ],
  True: [
    'Count([Observation] O where (O.value as Boolean))',
    'Count([Observation] O where (O.value as FHIR.boolean).value)',
  ],
  Starts: [
    '[Observation] O return all start of (O.effective as Interval<DateTime>)',
    '[Observation] O return all start of FHIRHelpers.ToInterval(O.effective as FHIR.Period)',
  ],
  Weights: [
    '[BodyWeight] O return O.id',
    `[Observation] O where exists (O.code.coding C where C.code.value = '29463-7' and C.system.value = 'http://loinc.org') return O.id.value`,
  ],
  Conditions: [
    '[Condition: "V"] C where C.recordedDate before Now() return all C.code.codes',
    '[Condition: "V"] C where C.recordedDate.value before Now() return all FHIRHelpers.ToConcept(C.code).codes',
  ],
  Doses: [
    `[Immunization: "V"] I where (I.occurrence as DateTime) during "Measurement Period" and I.status = 'completed' return I.id`,
    `[Immunization: "V"] I where (I.occurrence as FHIR.dateTime).value during "Measurement Period" and I.status.value = 'completed' return I.id.value`,
  ],
  NotDone: [
    '[ImmunizationNotDone: "V"] I return all I.recorded',
    `[Immunization: "V"] I where I.status.value = 'not-done' return all I.recorded.value`,
  ],
  Either: [
    '([Condition] union [Encounter]) X where X is Encounter return (X as Encounter).id',
    '([Condition] union [Encounter]) X where X is Encounter return (X as Encounter).id.value',
  ],
};

const half = (n: 0 | 1) => Object.fromEntries(Object.entries(pairs).map(([name, pair]) => [name, pair[n]]));
const overModel = logicOf(`QICore version '0.1.0'`, half(0), models);
const overFhir = logicOf(`FHIR version '4.0.1'`, half(1), []);

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const concept = fc
  .constantFrom(['http://x', 'a'], ['http://x', 'b'], ['http://loinc.org', '29463-7'])
  .map(([system, code]) => ({ coding: [{ system, code }], text: `${code}` }));
const moment = fc.constantFrom('2025-12-31T23:30:00Z', '2026-01-01', '2026-05', '2026-06-01T10:00:00Z', '2027-01-02');
const within = fc.constantFrom('2026-02-01T10:00:00Z', '2026-03-04T10:00:00Z');
const period = fc.oneof(
  fc.record({ start: moment, end: moment }, { requiredKeys: [] }),
  fc.record({ start: fc.constant('2026-02-01T09:00:00Z'), end: within }),
);
const record = fc.oneof(
  fc.record(
    {
      resourceType: fc.constant('Encounter'),
      status: fc.constantFrom('finished', 'finished', 'planned'),
      class: fc.constantFrom('AMB', 'IMP').map((code) => ({ code })),
      type: fc.array(concept, { maxLength: 2 }),
      period,
      location: fc.array(
        fc.record({ location: fc.constant({ display: 'x' }), status: fc.constantFrom('active', 'planned') }),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: ['resourceType'] },
  ),
  fc
    .tuple(
      concept,
      fc.constantFrom('effectiveDateTime', 'effectivePeriod'),
      moment,
      period,
      maybe(fc.constantFrom('valueQuantity', 'valueCodeableConcept', 'valueBoolean', 'valueString')),
      fc.tuple(fc.integer({ min: 1, max: 6 }), concept, fc.boolean()),
    )
    .map(([code, when, at, span, of, [number, coded, truth]]) => ({
      resourceType: 'Observation',
      status: 'final',
      code,
      [when]: when === 'effectivePeriod' ? span : at,
      ...(of === 'valueQuantity' && { [of]: { value: number, system: 'http://unitsofmeasure.org', code: 'kg' } }),
      ...(of === 'valueCodeableConcept' && { [of]: coded }),
      ...(of === 'valueBoolean' && { [of]: truth }),
      ...(of === 'valueString' && { [of]: 'x' }),
    })),
  fc.record(
    { resourceType: fc.constant('Condition'), code: concept, recordedDate: moment },
    { requiredKeys: ['resourceType'] },
  ),
  fc
    .tuple(
      concept,
      fc.constantFrom('completed', 'not-done'),
      fc.constantFrom('occurrenceDateTime', 'occurrenceString'),
      moment,
    )
    .map(([vaccineCode, status, when, at]) => ({
      resourceType: 'Immunization',
      vaccineCode,
      status,
      [when]: when === 'occurrenceString' ? 'as a baby' : at,
      recorded: at,
    })),
);
const raceExtension = fc
  .tuple(fc.array(fc.constantFrom('2028-9', '2106-3'), { maxLength: 2 }), maybe(fc.constant('Mixed')))
  .map(([codes, text]) => ({
    url: race,
    extension: [
      ...codes.map((code) => ({
        url: 'ombCategory',
        valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.238', code },
      })),
      ...(text === undefined ? [] : [{ url: 'text', valueString: text }]),
    ],
  }));
const patient = fc.record(
  {
    resourceType: fc.constant('Patient'),
    id: fc.constant('child'),
    birthDate: fc.constantFrom('2014-06-15', '2020-02', '2019'),
    gender: fc.constantFrom('female', 'male'),
    extension: fc.tuple(fc.constant({ url: 'http://other', valueString: 'x' }), raceExtension),
  },
  { requiredKeys: ['resourceType', 'id'] },
);

test('logic over a model that maps onto FHIR tells what the same says over FHIR', () => {
  const answered = new Set<string>();
  fc.assert(
    fc.property(patient, fc.array(record, { maxLength: 12 }), (child, records) => {
      const all = [child, ...records.map((each, n) => ({ ...each, id: `r${n}` }))] as Resource[];
      const [model, fhir] = [over(overModel, all), over(overFhir, all)];
      for (const name of Object.keys(pairs)) {
        const value = comparable(given(model, name), model.referenceOf);
        expect([name, value]).toEqual([name, comparable(given(fhir, name), fhir.referenceOf)]);
        if (JSON.stringify(value ?? null).length > 2) answered.add(name);
      }
    }),
    { numRuns: 200, seed: 7 },
  );
  // Each has said something, so that they agree on more than nothing.
  const said = ['Born', 'Race', 'RaceText', 'Visits', 'Results', 'Amounts', 'Weights', 'Doses', 'NotDone'];
  expect(said.filter((name) => !answered.has(name))).toEqual([]);
});

test('a type that the model does not map onto FHIR is refused by name', () => {
  const plain = exampleXml.replace('name="BodyWeight" target="Observation"', 'name="BodyWeight"');
  const unmapped = [{ name: 'QICore', version: '0.1.0', xml: plain, hash: 'unmapped' }, ...models.slice(1)];
  expect(() => logicOf(`QICore version '0.1.0'`, { A: '[BodyWeight]' }, unmapped)).toThrow(
    'Retrieve of BodyWeight is of no resource type',
  );
});

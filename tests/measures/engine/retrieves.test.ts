import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { compileLogic } from '../../../src/measures/engine/logic.ts';
import { profilesWithFixedCode } from '../../../src/measures/engine/model/profiles.ts';
import { fhirModel } from './built-model.ts';
import { cqlOf, given, logicOf, over } from './logic-of.ts';

const loinc = 'http://loinc.org';
const rxnorm = 'http://www.nlm.nih.gov/research/umls/rxnorm';

const valueSet = (url: string, system: string, ...codes: string[]): r4.ValueSet => ({
  resourceType: 'ValueSet',
  status: 'active',
  url,
  compose: { include: [{ system, concept: codes.map((code) => ({ code })) }] },
});
const heights = valueSet('http://example.org/heights', loinc, '8302-2', '3137-7');
const inhalers = valueSet('http://example.org/inhalers', rxnorm, '745679');
const declarations = [
  'codesystem "LOINC": \'http://loinc.org\'',
  'valueset "Heights": \'http://example.org/heights\'',
  'valueset "Inhalers": \'http://example.org/inhalers\'',
  'code "Height": \'8302-2\' from "LOINC"',
  'concept "Any Height": { "Height" }',
].join('\n');

const observation = (id: string, ...codes: [string | undefined, string][]): Resource => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: codes.map(([system, code]) => ({ ...(system ? { system } : {}), code })) },
});

/** References of what a retrieve gives. */
function found(retrieve: string, records: readonly Resource[]): (string | undefined)[] {
  const logic = logicOf(cqlOf(`define A: ${retrieve}`, declarations), { valueSets: [heights, inhalers] });
  const evaluation = over(logic, records);
  const value = given(evaluation, 'A');
  return Array.isArray(value) ? value.map((each) => evaluation.referenceOf(each)?.replace(/^\w+\//, '')) : [];
}

describe('by code', () => {
  const records = [
    observation('other', [loinc, '29463-7']),
    observation('second-code', ['http://example.org', 'x'], [loinc, '3137-7']),
    observation('both', [loinc, '8302-2'], [loinc, '3137-7']),
    observation('no-system', [undefined, '8302-2']),
    observation('other-system', ['http://example.org', '8302-2']),
    { resourceType: 'Observation', id: 'no-code', status: 'final' },
    observation('first-code', [loinc, '8302-2']),
  ];

  test.each([
    ['[Observation: "Heights"]', ['second-code', 'both', 'first-code']],
    ['[Observation: "Height"]', ['both', 'first-code']],
    ['[Observation: "Any Height"]', ['both', 'first-code']],
    ['[Observation: code in "Heights"]', ['second-code', 'both', 'first-code']],
    ['[Observation: code ~ "Height"]', ['both', 'first-code']],
    ['[Observation]', records.map(({ id }) => id)],
    ['[Encounter]', []],
  ])('%s', (retrieve, expected) => {
    expect(found(retrieve, records)).toEqual(expected);
  });

  test('elements of type code have no system of their own', () => {
    expect(found('[Observation: status in { Code \'8302-2\' from "LOINC" }]', records)).toEqual([]);
  });
});

describe('a medicine that is named by a reference', () => {
  const medication = { coding: [{ system: rxnorm, code: '745679' }] };
  const request = (id: string, reference: string, contained?: unknown): Resource => ({
    resourceType: 'MedicationRequest',
    id,
    ...(contained ? { contained: [contained] } : {}),
    medicationReference: { reference },
  });
  const records: Resource[] = [
    { resourceType: 'Medication', id: 'inhaler', code: medication },
    { resourceType: 'Medication', id: 'other', code: { text: 'something else' } },
    { resourceType: 'MedicationRequest', id: 'direct', medicationCodeableConcept: medication },
    request('separate', 'Medication/inhaler'),
    request('absolute', 'http://example.org/fhir/Medication/inhaler/_history/2'),
    request('contained', '#m', { resourceType: 'Medication', id: 'm', code: medication }),
    request('another', 'Medication/other'),
    request('nowhere', 'Medication/none'),
    request('no-contained', '#n'),
  ];

  test('is found in the slice, or in the record itself', () => {
    expect(found('[MedicationRequest: "Inhalers"]', records)).toEqual(['direct', 'separate', 'absolute', 'contained']);
  });

  test('makes the medicine one of the things that the logic looks at', () => {
    const logic = logicOf(cqlOf('define A: [MedicationRequest: "Inhalers"]', declarations), { valueSets: [inhalers] });
    expect(logic.retrievesOf(['A']).map(({ type }) => type)).toEqual(['MedicationRequest', 'Medication']);
  });
});

describe('by profile', () => {
  const run = (templateId: string, type: string, records: readonly Resource[]) => {
    const expression = { type: 'Retrieve', dataType: `{http://hl7.org/fhir}${type}`, templateId };
    const def = [{ name: 'A', context: 'Patient', expression }];
    const main = { library: { identifier: { id: 'Hand' }, statements: { def } } };
    const logic = compileLogic({ main, libraries: [], valueSets: [], model: fhirModel });
    if (!logic.ok) throw new Error('refused');
    const evaluation = over(logic.value, records);
    const value = given(evaluation, 'A');
    const ids = Array.isArray(value) ? value.map((each) => evaluation.referenceOf(each)?.replace(/^\w+\//, '')) : [];
    return { ids, needs: logic.value.retrievesOf(['A']) };
  };
  const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition/';

  test('a height is no BMI, though the profile has no code filter in ELM', () => {
    const records = [observation('bmi', [loinc, '59576-9']), observation('height', [loinc, '8302-2'])];
    const { ids, needs } = run(`${usCore}pediatric-bmi-for-age`, 'Observation', records);
    expect(ids).toEqual(['bmi']);
    expect(needs).toMatchObject([{ type: 'Observation', path: 'code', codes: new Set([`${loinc}|59576-9`]) }]);
    expect(run(`${usCore}us-core-body-height`, 'Observation', records).ids).toEqual(['height']);
  });

  test('a record counts whether or not it names the profile', () => {
    const encounter = { resourceType: 'Encounter', id: 'e' };
    expect(
      run('http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-encounter', 'Encounter', [encounter]).ids,
    ).toEqual(['e']);
  });

  test.each([
    ['qicore-procedurenotdone', 'Procedure', { status: 'not-done' }, { status: 'completed' }],
    ['qicore-medicationnotrequested', 'MedicationRequest', { doNotPerform: true }, { doNotPerform: false }],
    ['qicore-servicenotrequested', 'ServiceRequest', { doNotPerform: true }, {}],
    ['qicore-taskrejected', 'Task', { status: 'rejected' }, { status: 'completed' }],
  ])('%s asks for what was not done', (profile, type, undone, done) => {
    const records = [
      { resourceType: type, id: 'undone', ...undone },
      { resourceType: type, id: 'done', ...done },
    ];
    expect(run(`http://hl7.org/fhir/us/qicore/StructureDefinition/${profile}`, type, records).ids).toEqual(['undone']);
  });

  test('what was not done may be said by a whole value set', () => {
    const extension = [
      { url: 'http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-notDoneValueSet', valueCanonical: inhalers.url },
    ];
    const records: Resource[] = [
      {
        resourceType: 'MedicationRequest',
        id: 'none-of-them',
        doNotPerform: true,
        medicationCodeableConcept: { extension },
      },
      { resourceType: 'MedicationRequest', id: 'other', doNotPerform: true, medicationCodeableConcept: { text: 'x' } },
    ];
    expect(found('[MedicationRequest: "Inhalers"]', records)).toEqual(['none-of-them']);
  });

  test("the codes of FHIR's own vital signs are those of the definitions", () => {
    const dir = path.join(import.meta.dirname, '../../../build/fhir/profiles');
    const base = 'http://hl7.org/fhir/StructureDefinition/';
    const own = Object.entries(profilesWithFixedCode()).filter(([url]) => url.startsWith(base));
    expect(own.length).toBeGreaterThan(8);
    for (const [url, code] of own) {
      const definition = readFileSync(path.join(dir, `${url.slice(base.length)}.json`), 'utf8');
      expect([url, definition.includes(`"${code}"`)]).toEqual([url, true]);
    }
  });
});

describe('what a definition can see', () => {
  const logic = logicOf(
    cqlOf(
      [
        'define Visits: [Encounter]',
        'define function Height(o FHIR.Observation): exists ([Condition] C) and o is not null',
        'define Measured: [Observation: "Heights"] O where Height(O)',
        'define Both: exists Visits or exists Measured',
        'define Neither: 1 + 1',
        'define Old: AgeInYears() > 3',
        'define Today Too: Old',
        'define Recent: [Encounter] E where E.period.start.value before Now()',
      ]
        .join('\n')
        .replace('Today Too', '"Today Too"'),
      declarations,
    ),
    { valueSets: [heights] },
  );
  const needs = (...names: string[]) =>
    logic
      .retrievesOf(names)
      .map(({ type, path: at, codes, valueSets }) => [type, at, codes?.size, valueSets?.[0]])
      .sort();

  test('through every definition and function that it refers to, each need once', () => {
    expect(needs('Neither')).toEqual([]);
    expect(needs('Visits', 'Visits')).toEqual([['Encounter', undefined, undefined, undefined]]);
    expect(needs('Both')).toEqual([
      ['Condition', undefined, undefined, undefined],
      ['Encounter', undefined, undefined, undefined],
      ['Observation', 'code', 2, 'http://example.org/heights'],
    ]);
    expect(needs('Height')).toEqual([['Condition', undefined, undefined, undefined]]);
  });

  test('and whether it asks what day it is', () => {
    expect(['Visits', 'Both', 'Neither'].some((name) => logic.readsToday([name]))).toBe(false);
    expect(['Old', 'Today Too', 'Recent'].every((name) => logic.readsToday([name]))).toBe(true);
  });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { r4 } from '../../../src/fhir/types.ts';
import { openTestHouse, type TestHouse } from '../../support/house.ts';
import { cqlOf, library, measure, transaction, valueSet } from './bundle.ts';

/** Parts of measures that come from elsewhere, in a house that counts in the days of Chicago. */
let house: TestHouse;
const system = 'http://example.org/CodeSystem/visits';
const visit = (id: string, patient: string, code: string, start: string) => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  type: [{ coding: [{ system, code }] }],
  subject: { reference: `Patient/${patient}` },
  period: { start, end: start },
});
const race = (code: string) => ({
  extension: [
    {
      url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race',
      extension: [
        { url: 'ombCategory', valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.238', code } },
        { url: 'text', valueString: 'as told' },
      ],
    },
  ],
});

beforeAll(async () => {
  house = await openTestHouse({ env: { MEASURE_TIME_ZONE: 'America/Chicago' } });
  const records = [
    { resourceType: 'Patient', id: 'ana', birthDate: '2016-03-10', gender: 'female', ...race('2054-5') },
    { resourceType: 'Patient', id: 'ben', birthDate: '2020-05-01', gender: 'male' },
    visit('v1', 'ana', 'home', '2026-02-01T10:00:00-06:00'),
    visit('v2', 'ana', 'video', '2026-02-02T10:00:00-06:00'),
    visit('v3', 'ben', 'office', '2026-02-03T10:00:00-06:00'),
    // Still the last evening of 2025 in Chicago.
    visit('v4', 'ben', 'home', '2026-01-01T03:00:00Z'),
    {
      resourceType: 'CodeSystem',
      id: 'visits',
      url: system,
      status: 'active',
      content: 'complete',
      hierarchyMeaning: 'is-a',
      concept: [{ code: 'away', concept: [{ code: 'home' }, { code: 'video' }] }, { code: 'office' }],
    },
    {
      ...valueSet('away', []),
      id: 'away',
      compose: { include: [{ system, filter: [{ property: 'concept', op: 'is-a', value: 'away' }] }] },
    },
    {
      ...valueSet('lost', []),
      id: 'lost',
      compose: {
        include: [
          { system: 'http://example.org/CodeSystem/none', filter: [{ property: 'concept', op: 'is-a', value: 'x' }] },
        ],
      },
    },
  ];
  const entry = records.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  const answer = await house.fhir('POST', '', { resourceType: 'Bundle', type: 'transaction', entry });
  if (answer.status !== 200) throw new Error(answer.text);
});
afterAll(() => house?.shut());

const post = (...resources: Parameters<typeof transaction>) => house.fhir('POST', '', transaction(...resources));
async function report(name: string, more = ''): Promise<r4.MeasureReport> {
  const url = encodeURIComponent(`http://example.org/Measure/${name}`);
  const { status, json, text } = await house.fhir(
    'GET',
    `/Measure/$evaluate-measure?measure=${url}&periodStart=2026&periodEnd=2026${more}`,
  );
  if (status !== 200) throw new Error(text);
  return json;
}
const counts = ({ group }: r4.MeasureReport) =>
  Object.fromEntries((group?.[0]?.population ?? []).map(({ id, count }) => [id, count]));

const shared = cqlOf(
  'Visits',
  `valueset "Away": 'http://example.org/ValueSet/away'
parameter "Measurement Period" Interval<DateTime>
context Patient
define "Away Visits": [Encounter: "Away"] E where E.period."start".value during "Measurement Period"
`,
);
const main = cqlOf(
  'Away',
  `include FHIRHelpers version '4.4.000' called FHIRHelpers
include Visits version '1.0.0' called V
parameter "Measurement Period" Interval<DateTime>
context Patient
define "All": true
define "Away": exists V."Away Visits"
define "Sex": Patient.gender
define "Race": ((Patient.extension E where E.url = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race').extension) X where X.url = 'ombCategory' return X.value as FHIR.Coding
`,
);

test('a library that is included by name, a value set by a filter, strata, supplemental data, and days of the reporter', async () => {
  const populations = { 'initial-population': 'All', denominator: 'All', numerator: 'Away' };
  const measured = measure('Away', 'proportion', populations, {
    supplementalData: [
      {
        id: 'sde-race',
        usage: [{ coding: [{ code: 'supplemental-data' }] }],
        criteria: { language: 'text/cql-identifier', expression: 'Race' },
      },
    ],
  });
  for (const group of measured.group ?? [])
    group.stratifier = [
      { id: 'by-sex', code: { text: 'Sex' }, criteria: { language: 'text/cql-identifier', expression: 'Sex' } },
    ];
  const answer = await post(library('Visits', { cql: shared }), library('Away', { cql: main }), measured);
  expect([answer.status, answer.json.issue]).toEqual([200, undefined]);
  const summary = await report('Away');
  expect(counts(summary)).toEqual({ 'initial-population': 2, denominator: 2, numerator: 1 });
  const ready = house.measures.registry
    .measures()
    .find(({ resource }) => resource.url === 'http://example.org/Measure/Away');
  expect(ready?.valueSets.map(({ url, expansion }) => [url, expansion?.contains?.map(({ code }) => code)])).toEqual([
    ['http://example.org/ValueSet/away', ['away', 'home', 'video']],
  ]);
  const at = {
    period: { start: '2026-01-01', end: '2026-12-31' },
    now: new Date('2026-12-01T00:00:00Z'),
    zone: 'America/Chicago',
  };
  const record = await house.measures.currency.recordOf(house.store, ready ? [ready] : [], 'ana');
  const result = await ready?.evaluate(record ?? [], at.period, at);
  expect(result?.ok && [result.value.groups[0]?.units[0]?.strata, result.value.supplemental]).toEqual([
    { 'by-sex': 'female' },
    { 'sde-race': ['urn:oid:2.16.840.1.113883.6.238|2054-5'] },
  ]);
});

test('a value set whose codes cannot be told is named with the reason; with a whole expansion it is taken', async () => {
  const cql = cqlOf(
    'Lost',
    `valueset "Lost": 'http://example.org/ValueSet/lost'\ncontext Patient\ndefine "Any": exists [Encounter: "Lost"]\n`,
  );
  const cohort = measure('Lost', 'cohort', { 'initial-population': 'Any' });
  const refused = await post(cohort, library('Lost', { cql }));
  expect([refused.status, refused.json.issue[0].details.text]).toEqual([
    422,
    'Library Lost uses value set "Lost" (http://example.org/ValueSet/lost): A code system of the value set is not loaded.',
  ]);
  const { json } = await house.fhir('GET', '/ValueSet/lost');
  const expanded = {
    ...json,
    expansion: { timestamp: '2026-01-01', total: 1, contains: [{ system, code: 'office' }] },
  };
  const answer = await post(cohort, library('Lost', { cql }), expanded);
  expect([answer.status, answer.json.issue]).toEqual([200, undefined]);
  expect(counts(await report('Lost'))).toEqual({ 'initial-population': 1 });
});

test('a version that the logic asks for is the one that is taken', async () => {
  const of = (version: string, code: string) => ({ ...valueSet('kinds', [[system, code]]), version });
  for (const set of [of('1', 'office'), of('2', 'video')])
    expect((await house.fhir('POST', '/ValueSet', set)).status).toBe(201);
  const cqlFor = (name: string, suffix: string) =>
    cqlOf(
      name,
      `valueset "Kinds": 'http://example.org/ValueSet/kinds'${suffix}\ncontext Patient\ndefine "Any": exists [Encounter: "Kinds"]\n`,
    );
  for (const [name, suffix] of [
    ['First', " version '1'"],
    ['Newest', ''],
  ] as const) {
    const answer = await post(
      measure(name, 'cohort', { 'initial-population': 'Any' }),
      library(name, { cql: cqlFor(name, suffix) }),
    );
    expect([answer.status, answer.json.issue]).toEqual([200, undefined]);
  }
  const found = async (name: string, child: string) =>
    counts(await report(name, `&subject=Patient/${child}`))['initial-population'];
  expect([await found('First', 'ana'), await found('First', 'ben')]).toEqual([0, 1]);
  expect([await found('Newest', 'ana'), await found('Newest', 'ben')]).toEqual([1, 0]);
});

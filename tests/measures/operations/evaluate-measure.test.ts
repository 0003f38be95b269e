import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Principal } from '../../../src/access/types.ts';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { createValidator } from '../../../src/fhir/validate.ts';
import type { Operation, OperationParameters } from '../../../src/module.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';
import { houseMeasures, immunization, now } from '../house.ts';

const house = houseMeasures();
let database: TestStore;

const scopes: Principal['scopes'] = [{ level: 'system', type: '*', interactions: new Set(['r', 's']) }];
const everyone: Principal = { kind: 'client', id: 'panel', clientId: 'panel', scopes };
const oneChild: Principal = {
  kind: 'user',
  id: 'Practitioner/p',
  clientId: 'app',
  scopes: [{ level: 'patient', type: '*', interactions: new Set(['r', 's']) }],
  patientId: 'ana',
  view: { grants: [{ types: 'any' }], policy: 'test' },
};

function parameters(given: Record<string, string>): OperationParameters {
  return {
    text: (name) => given[name],
    texts: (name) => (given[name] === undefined ? [] : [given[name]]),
    resource: () => undefined,
  };
}

const year = { periodStart: '2026-01-01', periodEnd: '2026-12-31' };
const cis = { measure: 'http://careweave.org/fhir/Measure/childhood-immunization-status' };

async function ask(given: Record<string, string>, options: { principal?: Principal; id?: string } = {}) {
  const { principal = everyone, id } = options;
  const level = id === undefined ? 'type' : 'instance';
  const operation = house.module.operations?.find((each) => each.level === level) as Operation;
  return operation.handle({ principal, store: database.store, id, parameters: parameters(given), requestId: 'test' });
}

async function report(given: Record<string, string>, options: { principal?: Principal; id?: string } = {}) {
  const answer = await ask(given, options);
  if (!answer.ok) throw new Error(answer.error.issues[0]?.text);
  return answer.value as unknown as r4.MeasureReport;
}

async function refusal(given: Record<string, string>, options: { principal?: Principal; id?: string } = {}) {
  const answer = await ask(given, options);
  return answer.ok ? 'answered' : answer.error.kind;
}

function counts(from: r4.MeasureReport, group: string): Record<string, number | undefined> {
  const found = from.group?.find(({ id }) => id === group);
  return Object.fromEntries((found?.population ?? []).map((each) => [each.code?.coding?.[0]?.code ?? '', each.count]));
}

beforeAll(async () => {
  database = await createTestStore({ effects: house.module.effects ?? [], clock: now });
  const child = (id: string, birthDate: string, more = {}): Resource => ({
    resourceType: 'Patient',
    id,
    birthDate,
    ...more,
  });
  const hospice: Resource = {
    resourceType: 'Encounter',
    id: 'stay',
    status: 'finished',
    class: { code: 'IMP' },
    type: [{ coding: [{ system: 'http://snomed.info/sct', code: '305336008' }] }],
    subject: { reference: 'Patient/cleo' },
    period: { start: '2026-02-01', end: '2026-02-09' },
  };
  // Ana has her MMR, Ben has not, Cleo is excluded, Dora is too old, Finn's record is odd, Gus was merged into Ana.
  const records = [
    child('ana', '2024-03-10'),
    child('ben', '2024-05-01'),
    child('cleo', '2024-06-01'),
    child('dora', '2016-06-01'),
    child('finn', '2024-07-01'),
    child('gus', '2024-03-10', { link: [{ type: 'replaced-by', other: { reference: 'Patient/ana' } }] }),
    immunization('ana-mmr', '03', '2025-03-12', 'ana'),
    immunization('ana-hib', '49', '2024-05-12', 'ana'),
    immunization('cleo-mmr', '03', '2025-06-12', 'cleo'),
    { ...immunization('finn-mmr', '03', '2025-07-12', 'finn'), occurrenceDateTime: 20250712 },
    hospice,
  ];
  const written = await database.store.transact(testActor, async (tx) => {
    for (const record of records) {
      const result = await tx.update(record);
      if (!result.ok) return result;
    }
    return { ok: true, value: undefined };
  });
  if (!written.ok) throw new Error(written.error.issues[0]?.text);
});
afterAll(() => database.drop());

describe('is refused', () => {
  test.each([
    ['without a measure', { ...year }, 'invalid'],
    ['for an unknown measure', { ...year, measure: 'http://example.org/Measure/none' }, 'not-found'],
    ['without a period', { ...cis }, 'invalid'],
    [
      'with a day that is not in the calendar',
      { ...cis, periodStart: '2026-02-30', periodEnd: '2026-12-31' },
      'invalid',
    ],
    ['with an instant as period', { ...cis, periodStart: '2026-01-01T00:00:00Z', periodEnd: '2026-12-31' }, 'invalid'],
    [
      'with a period that ends before it starts',
      { ...cis, periodStart: '2026-05-01', periodEnd: '2026-04-30' },
      'invalid',
    ],
    ['with an unknown report type', { ...cis, ...year, reportType: 'everything' }, 'invalid'],
    ['for one subject without subject', { ...cis, ...year, reportType: 'subject' }, 'invalid'],
    ['for a group that is not there', { ...cis, ...year, subject: 'Group/g' }, 'not-found'],
    ['for one subject that is a group', { ...cis, ...year, reportType: 'subject', subject: 'Group/g' }, 'invalid'],
    [
      'for a population with a subject',
      { ...cis, ...year, reportType: 'population', subject: 'Patient/ana' },
      'invalid',
    ],
    ['with what was received lately', { ...cis, ...year, lastReceivedOn: '2026-05-01' }, 'invalid'],
    ['for the panel of a patient', { ...cis, ...year, practitioner: 'Patient/ana' }, 'invalid'],
    ['for a child who is not there', { ...cis, ...year, subject: 'Patient/nobody' }, 'not-found'],
    ['for a child with an odd record', { ...cis, ...year, subject: 'Patient/finn' }, 'unprocessable'],
  ])('%s', async (_, given, kind) => {
    expect(await refusal(given)).toBe(kind);
  });

  test('with a token for one child: a population, another child, and a child who is not there', async () => {
    const principal = oneChild;
    expect(await refusal({ ...cis, ...year }, { principal })).toBe('forbidden');
    expect(await refusal({ ...cis, ...year, reportType: 'subject-list' }, { principal })).toBe('forbidden');
    expect(await refusal({ ...cis, ...year, subject: 'Patient/ben' }, { principal })).toBe('forbidden');
    expect(await refusal({ ...cis, ...year, subject: 'Patient/nobody' }, { principal })).toBe('forbidden');
    expect(await refusal({ ...cis, ...year, subject: 'Patient/ana' }, { principal })).toBe('answered');
  });
});

test('an individual report shows membership, score and what was counted', async () => {
  const ana = await report({ ...cis, ...year, subject: 'Patient/ana' });
  expect(ana).toMatchObject({
    resourceType: 'MeasureReport',
    type: 'individual',
    status: 'complete',
    measure: 'http://careweave.org/fhir/Measure/childhood-immunization-status|1.0.0',
    subject: { reference: 'Patient/ana' },
    period: { start: '2026-01-01', end: '2026-12-31' },
    date: '2026-12-01T12:00:00.000Z',
  });
  expect(ana.improvementNotation?.coding?.[0]?.code).toBe('increase');
  expect(counts(ana, 'mmr')).toEqual({
    'initial-population': 1,
    denominator: 1,
    'denominator-exclusion': 0,
    numerator: 1,
  });
  expect(counts(ana, 'hib').numerator).toBe(0);
  expect(ana.group?.find(({ id }) => id === 'mmr')?.measureScore?.value).toBe(1);
  expect(ana.group?.find(({ id }) => id === 'hib')?.measureScore?.value).toBe(0);
  expect(ana.evaluatedResource?.map(({ reference }) => reference)).toEqual([
    'Patient/ana',
    'Immunization/ana-hib',
    'Immunization/ana-mmr',
  ]);
});

test('a child outside the measure has no score', async () => {
  const dora = await report(
    { ...year, reportType: 'individual', subject: 'dora' },
    { id: 'childhood-immunization-status' },
  );
  expect(counts(dora, 'mmr')).toEqual({
    'initial-population': 0,
    denominator: 0,
    'denominator-exclusion': 0,
    numerator: 0,
  });
  expect(dora.group?.every(({ measureScore }) => measureScore === undefined)).toBe(true);
});

test.each(['evaluated now', 'kept'])(
  'a summary counts every child once, the odd one nowhere but in the messages (%s)',
  async () => {
    const all = await report({ ...cis, periodStart: '2026', periodEnd: '2026-12' });
    expect(all.type).toBe('summary');
    expect(counts(all, 'mmr')).toEqual({
      'initial-population': 3,
      denominator: 3,
      'denominator-exclusion': 1,
      numerator: 1,
    });
    expect(all.group?.find(({ id }) => id === 'mmr')?.measureScore).toMatchObject({ value: 0.5 });
    expect(all.evaluatedResource).toBeUndefined();
    expect(all.extension?.[0]?.valueReference).toEqual({ reference: '#messages' });
    const messages = all.contained?.find(({ id }) => id === 'messages') as r4.OperationOutcome;
    expect(messages.issue.map(({ diagnostics }) => diagnostics)).toEqual([
      'Patient/finn is not counted in this report.',
    ]);
    expect(JSON.stringify(messages)).not.toMatch('20250712');
  },
);

test('a period that is no calendar year is answered and not kept', async () => {
  const half = await report({ ...cis, periodStart: '2026-05', periodEnd: '2026-06', reportType: 'summary' });
  expect(counts(half, 'mmr')['initial-population']).toBe(2);
  const kept = await database.pool.query("SELECT 1 FROM measure_result WHERE period_start <> '2026-01-01'");
  expect(kept.rowCount).toBe(0);
});

test('a subject list names the members of every population', async () => {
  const list = await report({ ...cis, ...year, reportType: 'subject-list' });
  const numerator = list.group
    ?.find(({ id }) => id === 'mmr')
    ?.population?.find(({ code }) => code?.coding?.[0]?.code === 'numerator');
  const contained = list.contained?.find(({ id }) => `#${id}` === numerator?.subjectResults?.reference) as r4.List;
  expect(contained.entry?.map(({ item }) => item.reference)).toEqual(['Patient/ana']);
});

test('the measures can be read as resources, and what they name is there', async () => {
  const resources = (await house.measureResources(database.store)) as unknown as (
    | r4.Measure
    | r4.Library
    | r4.ValueSet
  )[];
  const libraries = resources.filter((each) => each.resourceType === 'Library');
  const urls = libraries.map(({ url, version }) => `${url}|${version}`);
  for (const each of resources) if (each.resourceType === 'Measure') expect(urls).toContain(each.library?.[0]);
  const own = libraries.find(({ name }) => name === 'ChildhoodImmunizationStatus');
  const cql = own?.content?.find(({ contentType }) => contentType === 'text/cql')?.data ?? '';
  expect(Buffer.from(cql, 'base64').toString()).toMatch(/^library ChildhoodImmunizationStatus/);
  expect(new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`)).size).toBe(resources.length);
});

test('every report and every measure resource is valid FHIR', async () => {
  const validate = createValidator(path.join(import.meta.dirname, '../../../build/fhir'));
  const reports = [
    await report({ ...cis, ...year, subject: 'Patient/ana' }),
    await report({ ...cis, ...year }),
    await report({ ...cis, ...year, reportType: 'subject-list' }),
  ];
  for (const each of [
    ...reports.map((one): Resource => ({ ...one })),
    ...(await house.measureResources(database.store)),
  ]) {
    const issues = validate(each).filter(({ severity }) => severity !== 'warning' && severity !== 'information');
    expect([each.resourceType, each.id, issues]).toEqual([each.resourceType, each.id, []]);
  }
});

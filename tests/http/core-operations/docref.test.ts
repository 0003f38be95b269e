import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestHttp } from '../../support/http.ts';
import { startCore } from './core.ts';

let http: TestHttp;
const loinc = 'http://loinc.org';
const document = (id: string, child: string, code: string, date: string, start?: string) => ({
  resourceType: 'DocumentReference',
  id,
  status: 'current',
  type: { coding: [{ system: loinc, code }] },
  subject: { reference: `Patient/${child}` },
  date: `${date}T12:00:00Z`,
  content: [{ attachment: { contentType: 'text/plain', data: 'eA==' } }],
  ...(start && { context: { period: { start, end: start } } }),
});
const all = [
  document('old', 'child-a', '34133-9', '2024-05-01', '2024-04-30'),
  document('new', 'child-a', '34133-9', '2026-05-01', '2026-04-30'),
  document('note', 'child-a', '11506-3', '2026-06-01', '2026-05-31'),
  { ...document('gone', 'child-a', '34133-9', '2026-07-01', '2026-06-30'), status: 'superseded' },
  document('other', 'child-b', '34133-9', '2026-08-01', '2026-07-30'),
];
beforeAll(async () => {
  http = await startCore();
  for (const one of all)
    expect((await http.send('PUT', `/fhir/DocumentReference/${one.id}`, { body: one })).status).toBe(201);
});
afterAll(() => http?.close());

const ask = (query: string, as = 'all') => http.send('GET', `/fhir/DocumentReference/$docref?${query}`, { as });
const found = (answer: { json: any }) => (answer.json.entry ?? []).map(({ resource }: any) => resource.id);

describe('$docref is refused', () => {
  test.each([
    ['start=2026-01-01'],
    ['patient=no/way'],
    ['patient=child-a&start=yesterday'],
    ['patient=child-a&end=2026-13-45'],
    ['patient=child-a&on-demand=true'],
    ['patient=child-a&profile=http://x.example/p'],
    ['patient=child-a&types=x'],
  ])('with %s', async (query) => {
    const answer = await ask(query);
    expect([answer.status, answer.json.resourceType]).toEqual([400, 'OperationOutcome']);
  });
  test('without a scope to search documents, and where it is not', async () => {
    expect((await ask('patient=child-a', 'goals')).status).toBe(403);
    expect((await http.send('GET', '/fhir/Goal/$docref?patient=child-a')).status).toBe(404);
  });
});

describe('$docref', () => {
  test.each([
    ['patient=child-a', ['new']],
    ['patient=Patient/child-a&on-demand=false', ['new']],
    ['patient=child-a&start=2020-01-01', ['new', 'old']],
    ['patient=child-a&start=2024-01-01&end=2024-12-31', ['old']],
    ['patient=child-a&end=2024-04-01', []],
    ['patient=child-a&type=http://loinc.org|11506-3', ['note']],
    ['patient=child-a&type=11506-3&start=2026-01-01', ['note']],
    ['patient=child-a&type=http://x.example|11506-3', []],
    ['patient=nobody', []],
  ])('%s: %j', async (query, ids) => {
    const answer = await ask(query);
    expect([answer.status, answer.json.type, found(answer)]).toEqual([200, 'searchset', ids]);
  });
  test('takes Parameters, with a CodeableConcept as the type', async () => {
    const valueCodeableConcept = {
      coding: [
        { system: loinc, code: '11506-3' },
        { system: loinc, code: '34133-9' },
      ],
    };
    const body = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'patient', valueId: 'child-a' },
        { name: 'start', valueDate: '2026-01-01' },
        { name: 'type', valueCodeableConcept },
      ],
    };
    expect(found(await http.send('POST', '/fhir/DocumentReference/$docref', { body }))).toEqual(['note', 'new']);
  });
  test('of another child is answered like one that is not there', async () => {
    expect(found(await ask('patient=child-a', 'child-a'))).toEqual(['new']);
    const [hidden, absent] = [await ask('patient=child-b', 'child-a'), await ask('patient=nobody', 'child-a')];
    expect([hidden.status, hidden.json]).toEqual([absent.status, absent.json]);
  });
});

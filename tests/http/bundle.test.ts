import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await startHttp();
});
afterAll(() => http.close());

const bundle = (type: string, entry: object[]) => ({ resourceType: 'Bundle', type, entry });
const post = (resource: { resourceType: string }, extra: object = {}, fullUrl?: string) => ({
  ...(fullUrl ? { fullUrl } : {}),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...extra },
});
const child = { resourceType: 'Patient', name: [{ family: 'Invented' }] };
const goal = (subject: string) => ({
  resourceType: 'Goal',
  lifecycleStatus: 'active',
  description: { text: 'walk to school' },
  subject: { reference: subject },
});
const countOf = async (type: string) => (await http.send('GET', `/fhir/${type}?_summary=count`)).json.total;

describe('a transaction', () => {
  test('with one bad entry leaves nothing behind and names the entry', async () => {
    const before = await countOf('Patient');
    const answer = await http.send('POST', '/fhir', {
      body: bundle('transaction', [post(child), post({ resourceType: 'Goal' })]),
    });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('Bundle.entry[1]');
    expect(await countOf('Patient')).toBe(before);
  });
  test('that fails half-way in the database is undone', async () => {
    const before = await countOf('Patient');
    const stale = {
      resource: { ...child, id: 'not-there' },
      request: { method: 'PUT', url: 'Patient/not-there', ifMatch: 'W/"3"' },
    };
    const answer = await http.send('POST', '/fhir', { body: bundle('transaction', [post(child), stale]) });
    expect(answer.status).toBe(412);
    expect(await countOf('Patient')).toBe(before);
  });
  test('is refused whole when one entry is out of scope', async () => {
    const before = await countOf('Goal');
    const answer = await http.send('POST', '/fhir', {
      as: 'goals',
      body: bundle('transaction', [post(goal('Patient/x')), post(child)]),
    });
    expect(answer.status).toBe(403);
    expect(await countOf('Goal')).toBe(before);
  });
  test.each([
    ['a urn that no entry has', [post(goal('urn:uuid:00000000-0000-4000-8000-000000000001'))]],
    ['a conditional reference without a match', [post(goal('Patient?identifier=urn:test|nobody'))]],
    [
      'two entries for one resource',
      [
        { resource: { ...child, id: 'twice' }, request: { method: 'PUT', url: 'Patient/twice' } },
        { request: { method: 'DELETE', url: 'Patient/twice' } },
      ],
    ],
    [
      'two conditional creates with the same criteria',
      [
        post(child, { ifNoneExist: 'identifier=urn:test|same' }),
        post(child, { ifNoneExist: 'identifier=urn:test|same' }),
      ],
    ],
  ])('refuses %s', async (_name, entry) => {
    const answer = await http.send('POST', '/fhir', { body: bundle('transaction', entry) });
    expect([400, 412]).toContain(answer.status);
    expect(answer.json.resourceType).toBe('OperationOutcome');
  });
  test('leads urn:uuid (in any case), absolute and conditional references to their targets', async () => {
    const upper = 'urn:uuid:AAAAAAAA-0000-4000-8000-000000000001';
    const known = { ...child, identifier: [{ system: 'urn:test', value: 'known' }] };
    await http.send('POST', '/fhir', { body: bundle('transaction', [post(known)]) });
    const body = bundle('transaction', [
      post(child, {}, upper),
      post(child, {}, 'https://elsewhere.example/fhir/Patient/7'),
      post(goal(upper.toLowerCase())),
      post(goal('https://elsewhere.example/fhir/Patient/7')),
      post(goal('Patient?identifier=urn:test|known')),
      { request: { method: 'GET', url: 'Patient?identifier=urn:test|known' } },
    ]);
    const answer = await http.send('POST', '/fhir', { body });
    expect(answer.status).toBe(200);
    expect(
      answer.json.entry.map((entry: { response: { status: string } }) => entry.response.status.slice(0, 3)),
    ).toEqual(['201', '201', '201', '201', '201', '200']);
    const idOf = (index: number) => answer.json.entry[index].response.location.split('/').at(-3);
    for (const [index, subject] of [
      [2, `Patient/${idOf(0)}`],
      [3, `Patient/${idOf(1)}`],
      [4, `Patient/${answer.json.entry[5].resource.entry[0].resource.id}`],
    ] as const) {
      const stored = await http.send('GET', `/fhir/Goal/${idOf(index)}`);
      expect(stored.json.subject.reference).toBe(subject);
    }
  });
  test('of 1,000 entries is one transaction', async () => {
    const entry = Array.from({ length: 1000 }, () =>
      post({ ...child, meta: { tag: [{ system: 'urn:test', code: 'many' }] } } as typeof child),
    );
    const answer = await http.send('POST', '/fhir', { body: bundle('transaction', entry) });
    expect(answer.status).toBe(200);
    expect((await http.send('GET', '/fhir/Patient?_tag=urn:test|many&_summary=count')).json.total).toBe(1000);
  });
});

describe('a batch', () => {
  test('answers every entry by itself', async () => {
    const body = bundle('batch', [
      post(child),
      post({ resourceType: 'Goal' }),
      { request: { method: 'GET', url: 'Patient/none' } },
      { request: { method: 'GET', url: 'Patient?_summary=count' } },
      { request: { method: 'PATCH', url: 'Patient/1' } },
    ]);
    const answer = await http.send('POST', '/fhir', { body });
    expect(answer.status).toBe(200);
    expect(answer.json.type).toBe('batch-response');
    expect(
      answer.json.entry.map((entry: { response: { status: string } }) => entry.response.status.slice(0, 3)),
    ).toEqual(['201', '422', '404', '200', '400']);
    expect(answer.json.entry[1].response.outcome.resourceType).toBe('OperationOutcome');
  });
  test('refuses an entry that refers to another one, because a batch leads no references', async () => {
    const fullUrl = 'urn:uuid:00000000-0000-4000-8000-00000000000b';
    const body = bundle('batch', [
      post(child, {}, fullUrl),
      post(goal(fullUrl)),
      post(goal('Patient?family=Invented')),
    ]);
    const answer = await http.send('POST', '/fhir', { body });
    expect(
      answer.json.entry.map((entry: { response: { status: string } }) => entry.response.status.slice(0, 3)),
    ).toEqual(['201', '400', '400']);
    for (const at of [1, 2]) expect(JSON.stringify(answer.json.entry[at].response.outcome)).toContain('transaction');
  });
});

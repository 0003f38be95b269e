import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await startHttp();
  for (const id of ['child-a', 'child-b'])
    await http.send('PUT', `/fhir/Patient/${id}`, { body: { resourceType: 'Patient', id } });
});
afterAll(() => http.close());

const jsonPatch = { 'Content-Type': 'application/json-patch+json' };
const text = (subject: string) =>
  `{"resourceType":"Observation","status":"final","code":{"text":"weight"},"subject":{"reference":"Patient/${subject}"},` +
  '"valueQuantity":{"value":12.50,"unit":"kg"}}';
const amend = [{ op: 'replace', path: '/status', value: 'amended' }];
const amendByPath = {
  resourceType: 'Parameters',
  parameter: [
    {
      name: 'operation',
      part: [
        { name: 'type', valueCode: 'replace' },
        { name: 'path', valueString: 'Observation.status' },
        { name: 'value', valueCode: 'amended' },
      ],
    },
  ],
};

let url: string;
let id: string;
beforeEach(async () => {
  id = (await http.send('POST', '/fhir/Observation', { text: text('child-a') })).json.id;
  url = `/fhir/Observation/${id}`;
});

describe('refusals', () => {
  test.each<[string, unknown, Record<string, string>, number]>([
    ['a list sent as FHIR', amend, {}, 415],
    ['a resource sent as JSON Patch', amendByPath, jsonPatch, 400],
    ['another media type', amend, { 'Content-Type': 'text/plain' }, 415],
    ['a resource that is no patch', { resourceType: 'Observation' }, {}, 400],
    ['a malformed patch', [{ op: 'nope', path: '/x' }], jsonPatch, 400],
    ['a path to nothing', [{ op: 'remove', path: '/nothing' }], jsonPatch, 422],
    ['a test that does not hold', [{ op: 'test', path: '/status', value: 'x' }, ...amend], jsonPatch, 422],
    ['a result that is not valid', [{ op: 'add', path: '/nonsense', value: 1 }], jsonPatch, 422],
    ['a result without what is required', [{ op: 'remove', path: '/status' }], jsonPatch, 422],
    ['another id', [{ op: 'replace', path: '/id', value: 'other' }], jsonPatch, 422],
    ['another type', [{ op: 'replace', path: '/resourceType', value: 'Goal' }], jsonPatch, 422],
    ['a stale If-Match', amend, { ...jsonPatch, 'If-Match': 'W/"7"' }, 412],
  ])('%s', async (_name, body, headers, status) => {
    const answer = await http.send('PATCH', url, { body, headers });
    expect(answer.status).toBe(status);
    expect(answer.json.resourceType).toBe('OperationOutcome');
    expect((await http.send('GET', url)).headers.get('etag')).toBe('W/"1"');
  });
  test('a body sent as JSON Patch is no resource', async () => {
    expect((await http.send('POST', '/fhir/Observation', { text: text('child-a'), headers: jsonPatch })).status).toBe(
      415,
    );
  });
  test('what never was is 404, what is deleted 410', async () => {
    expect((await http.send('PATCH', '/fhir/Observation/never-was', { body: amend, headers: jsonPatch })).status).toBe(
      404,
    );
    await http.send('DELETE', url);
    expect((await http.send('PATCH', url, { body: amend, headers: jsonPatch })).status).toBe(410);
  });
  test('without the scope, and on another child', async () => {
    expect((await http.send('PATCH', url, { as: 'reader', body: amend, headers: jsonPatch })).status).toBe(403);
    const other = await http.send('POST', '/fhir/Observation', { text: text('child-b') });
    const hidden = await http.send('PATCH', `/fhir/Observation/${other.json.id}`, {
      as: 'child-a',
      body: amend,
      headers: jsonPatch,
    });
    const absent = await http.send('PATCH', '/fhir/Observation/never-was', {
      as: 'child-a',
      body: amend,
      headers: jsonPatch,
    });
    expect([hidden.status, hidden.text]).toEqual([404, absent.text]);
    const move = [{ op: 'replace', path: '/subject/reference', value: 'Patient/child-b' }];
    expect((await http.send('PATCH', url, { as: 'child-a', body: move, headers: jsonPatch })).status).toBe(403);
    expect((await http.send('GET', url)).json.subject.reference).toBe('Patient/child-a');
  });
});

describe('a patch', () => {
  test.each<[string, unknown, Record<string, string>]>([
    ['JSON Patch', amend, jsonPatch],
    ['FHIRPath Patch', amendByPath, {}],
  ])('%s makes the next version and keeps the digits of decimals', async (_name, body, headers) => {
    const answer = await http.send('PATCH', url, { body, headers: { ...headers, 'If-Match': 'W/"1"' } });
    expect([answer.status, answer.headers.get('etag'), answer.json.status]).toEqual([200, 'W/"2"', 'amended']);
    const read = await http.send('GET', url);
    expect(read.text).toContain('"value":12.50');
    expect(read.text).toBe(answer.text);
    const again = await http.send('PATCH', url, { body, headers });
    expect(again.headers.get('etag')).toBe('W/"2"');
  });
  test('16 callers at once: nobody is refused, and no change is lost', async () => {
    const add = (note: number) => [{ op: 'add', path: '/note/-', value: { text: String(note) } }];
    await http.send('PATCH', url, {
      body: [{ op: 'add', path: '/note', value: [{ text: 'first' }] }],
      headers: jsonPatch,
    });
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, note) => http.send('PATCH', url, { body: add(note), headers: jsonPatch })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await http.send('GET', url)).json.note).toHaveLength(17);
  });
});

describe('a conditional patch', () => {
  test('changes the one match; none is 404, several are 412, no criteria 412', async () => {
    const send = (criteria: string) =>
      http.send('PATCH', `/fhir/Observation${criteria}`, { body: amend, headers: jsonPatch });
    await http.send('POST', '/fhir/Observation', { text: text('child-a') });
    expect((await send('?_id=never-was')).status).toBe(404);
    expect((await send('?subject=Patient/child-a')).status).toBe(412);
    expect((await send('?nonsense=1')).status).toBe(400);
    expect((await send('')).status).toBe(412);
    const answer = await send(`?_id=${id}`);
    expect([answer.status, answer.json.id, answer.json.status]).toEqual([200, id, 'amended']);
  });
});

describe('in a Bundle', () => {
  const binary = (patch: unknown) => ({
    resourceType: 'Binary',
    contentType: 'application/json-patch+json',
    data: Buffer.from(JSON.stringify(patch)).toString('base64'),
  });
  const entry = (resource: object, at = `Observation/${id}`, extra: object = {}) => ({
    resource,
    request: { method: 'PATCH', url: at, ...extra },
  });
  const send = (type: string, entries: object[]) =>
    http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type, entry: entries } });
  const statuses = (answer: { json: any }) => answer.json.entry.map((one: any) => one.response.status.slice(0, 3));

  test('a batch carries out each by itself', async () => {
    const answer = await send('batch', [
      entry(binary([{ op: 'remove', path: '/nothing' }]), 'Observation/none'),
      entry({ resourceType: 'Observation' }),
      entry(binary('nonsense'), `Observation?_id=${id}`),
      entry(amendByPath),
    ]);
    expect(statuses(answer)).toEqual(['404', '400', '400', '200']);
    expect((await http.send('GET', url)).json.status).toBe('amended');
  });
  test('a transaction carries out all of them, or nothing', async () => {
    const child = { resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } };
    const before = (await http.send('GET', '/fhir/Patient?_summary=count')).json.total;
    for (const [bad, status] of [
      [entry(binary([{ op: 'remove', path: '/nothing' }])), 422],
      [entry(binary(amend), 'Observation/none'), 404],
      [entry(binary(amend), `Observation/${id}`, { ifMatch: 'W/"9"' }), 412],
      [entry({ resourceType: 'Observation' }), 400],
    ] as const) {
      const answer = await send('transaction', [child, bad]);
      expect(answer.status).toBe(status);
      expect(answer.text).toContain('Bundle.entry[1]');
    }
    expect((await http.send('GET', '/fhir/Patient?_summary=count')).json.total).toBe(before);
    const answer = await send('transaction', [
      entry(binary(amend), `Observation?_id=${id}`),
      { ...child, fullUrl: 'urn:uuid:0a0b0c0d-0000-4000-8000-000000000001' },
    ]);
    expect(statuses(answer)).toEqual(['200', '201']);
    expect((await http.send('GET', url)).json.status).toBe('amended');
  });
  test('two entries that change one resource are refused', async () => {
    expect((await send('transaction', [entry(amendByPath), entry(binary(amend))])).status).toBe(400);
    expect(
      (await send('transaction', [entry(amendByPath), entry(binary(amend), `Observation?_id=${id}`)])).status,
    ).toBe(400);
  });
});

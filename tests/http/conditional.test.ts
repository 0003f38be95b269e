import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await startHttp();
  for (const id of ['child-a', 'child-b'])
    await http.send('PUT', `/fhir/Patient/${id}`, { body: { resourceType: 'Patient', id } });
});
afterAll(() => http.close());

const goal = (child: string, code: string) => ({
  resourceType: 'Goal',
  meta: { tag: [{ system: 'urn:test', code }] },
  lifecycleStatus: 'active',
  description: { text: 'x' },
  subject: { reference: `Patient/${child}` },
});
const make = async (child: string, code: string): Promise<string> =>
  (await http.send('POST', '/fhir/Goal', { body: goal(child, code) })).json.id;
const statusOf = async (id: string) => (await http.send('GET', `/fhir/Goal/${id}`)).status;

describe('conditional delete', () => {
  test('of several, without criteria, by an unknown parameter, or without the scope deletes nothing', async () => {
    const ids = [await make('child-a', 'several'), await make('child-a', 'several')];
    expect((await http.send('DELETE', '/fhir/Goal?_tag=urn:test|several')).status).toBe(412);
    expect((await http.send('DELETE', '/fhir/Goal')).status).toBe(412);
    expect((await http.send('DELETE', '/fhir/Goal?nonsense=1')).status).toBe(400);
    expect((await http.send('DELETE', `/fhir/Goal?_id=${ids[0]}`, { as: 'reader' })).status).toBe(403);
    expect((await http.send('DELETE', `/fhir/Goal?_id=${ids[0]}`, { headers: { 'If-Match': 'W/"5"' } })).status).toBe(
      412,
    );
    expect(await Promise.all(ids.map(statusOf))).toEqual([200, 200]);
  });
  test("another child's match is no match", async () => {
    const id = await make('child-b', 'hidden');
    expect((await http.send('DELETE', '/fhir/Goal?_tag=urn:test|hidden', { as: 'child-a' })).status).toBe(204);
    expect(await statusOf(id)).toBe(200);
  });
  test('of the one match deletes it; of none is done already', async () => {
    const id = await make('child-a', 'one');
    expect((await http.send('DELETE', '/fhir/Goal?_tag=urn:test|one')).status).toBe(204);
    expect(await statusOf(id)).toBe(410);
    expect((await http.send('DELETE', '/fhir/Goal?_tag=urn:test|one')).status).toBe(204);
  });
  test('in a batch as well', async () => {
    const id = await make('child-a', 'batch');
    const entry = [
      { request: { method: 'DELETE', url: 'Goal?_tag=urn:test|several' } },
      { request: { method: 'DELETE', url: 'Goal?_tag=urn:test|batch' } },
    ];
    const answer = await http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type: 'batch', entry } });
    expect(answer.json.entry.map((one: any) => one.response.status.slice(0, 3))).toEqual(['412', '204']);
    expect(await statusOf(id)).toBe(410);
  });
});

describe('conditional read', () => {
  const at = (id: string, headers: Record<string, string>) => http.send('GET', `/fhir/Goal/${id}`, { headers });
  test('If-Modified-Since: 304 when nothing came after, the resource when something did', async () => {
    const id = await make('child-a', 'since');
    const lastModified = (await at(id, {})).headers.get('last-modified') ?? '';
    const same = await at(id, { 'If-Modified-Since': lastModified });
    expect([same.status, same.text, same.headers.get('etag')]).toEqual([304, '', 'W/"1"']);
    expect((await at(id, { 'If-Modified-Since': 'Wed, 01 Jan 2020 00:00:00 GMT' })).status).toBe(200);
    expect((await at(id, { 'If-Modified-Since': 'nonsense' })).status).toBe(200);
    // If-None-Match goes before (RFC 9110, 13.2.2).
    expect((await at(id, { 'If-Modified-Since': lastModified, 'If-None-Match': 'W/"7"' })).status).toBe(200);
    expect((await at(id, { 'If-None-Match': '*' })).status).toBe(304);
  });
  test('what may not be seen is 404, whatever the headers', async () => {
    const id = await make('child-b', 'since');
    const answer = await http.send('GET', `/fhir/Goal/${id}`, { as: 'child-a', headers: { 'If-None-Match': '*' } });
    expect(answer.status).toBe(404);
  });
  test('in a batch as well', async () => {
    const id = await make('child-a', 'since');
    const entry = [{ request: { method: 'GET', url: `Goal/${id}`, ifModifiedSince: '2999-01-01T00:00:00Z' } }];
    const answer = await http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type: 'batch', entry } });
    expect(answer.json.entry[0].response.status).toBe('304 Not Modified');
    expect(answer.json.entry[0].resource).toBeUndefined();
  });
});

describe('If-None-Match: * on PUT', () => {
  const put = (id: string, value = '*', as = 'all') =>
    http.send('PUT', `/fhir/Goal/${id}`, {
      as,
      body: { ...goal('child-a', 'new'), id },
      headers: { 'If-None-Match': value },
    });
  test('another value is refused, and a resource that is there is not touched', async () => {
    expect((await put('fresh', 'W/"1"')).status).toBe(412);
    const id = await make('child-a', 'there');
    expect((await put(id)).status).toBe(412);
    expect((await http.send('GET', `/fhir/Goal/${id}`)).headers.get('etag')).toBe('W/"1"');
  });
  test('of 16 at once one creates; after a deletion the id is free again', async () => {
    const answers = await Promise.all(Array.from({ length: 16 }, () => put('contested')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 15 }, () => 412)]);
    await http.send('DELETE', '/fhir/Goal/contested');
    expect((await put('contested')).status).toBe(201);
  });
  test('in a transaction the whole is refused', async () => {
    const resource = { ...goal('child-a', 'new'), id: 'contested' };
    const entry = [{ resource, request: { method: 'PUT', url: 'Goal/contested', ifNoneMatch: '*' } }];
    const answer = await http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type: 'transaction', entry } });
    expect(answer.status).toBe(412);
  });
});

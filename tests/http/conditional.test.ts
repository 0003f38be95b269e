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

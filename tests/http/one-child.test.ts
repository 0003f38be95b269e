import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { reachOf } from '../../src/fhir/patient-reach.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

/** What a token for one child must not reach or reveal beyond the compartment's plain cases (those are in access.test.ts). */
let http: TestHttp;
const as = 'child-a';
const of = (child: string) => ({ reference: `Patient/${child}` });

async function put(resource: { resourceType: string; id: string; [element: string]: unknown }): Promise<void> {
  const answer = await http.send('PUT', `/fhir/${resource.resourceType}/${resource.id}`, { body: resource });
  expect([200, 201]).toContain(answer.status);
}

beforeAll(async () => {
  http = await startHttp();
  await put({ resourceType: 'Patient', id: 'child-a' });
  await put({ resourceType: 'Patient', id: 'child-b', name: [{ family: 'Secretname' }] });
  await put({ resourceType: 'Organization', id: 'clinic', name: 'Clinic' });
});
afterAll(() => http.close());

describe('types that the Patient compartment leaves out', () => {
  const aboutB = [
    { resourceType: 'Device', id: 'of-b', patient: of('child-b') },
    { resourceType: 'Contract', id: 'of-b', subject: [of('child-b')] },
    { resourceType: 'GuidanceResponse', id: 'of-b', moduleUri: 'urn:x', status: 'success', subject: of('child-b') },
    { resourceType: 'Binary', id: 'of-b', contentType: 'text/plain', data: 'U2VjcmV0bmFtZQ==' },
    {
      resourceType: 'Bundle',
      id: 'of-b',
      type: 'collection',
      entry: [{ fullUrl: 'urn:uuid:4f7a', resource: { resourceType: 'Patient', name: [{ family: 'Secretname' }] } }],
    },
    { resourceType: 'Parameters', id: 'of-b', parameter: [{ name: 'child', valueString: 'Secretname' }] },
    {
      resourceType: 'MessageHeader',
      id: 'of-b',
      eventUri: 'urn:x',
      source: { endpoint: 'urn:x' },
      focus: [of('child-b')],
    },
  ];
  test.each(aboutB)('$resourceType: neither read, nor searched, nor included, nor in the history', async (resource) => {
    await put(resource);
    const { resourceType } = resource;
    const hidden = await http.send('GET', `/fhir/${resourceType}/of-b`, { as });
    const absent = await http.send('GET', `/fhir/${resourceType}/never-was`, { as });
    expect([hidden.status, hidden.text]).toEqual([404, absent.text]);
    expect((await http.send('GET', `/fhir/${resourceType}/of-b/_history`, { as })).status).toBe(404);
    expect((await http.send('GET', `/fhir/${resourceType}/of-b/_history/1`, { as })).status).toBe(404);
    const found = await http.send('GET', `/fhir/${resourceType}?_total=accurate`, { as });
    expect([found.json.total, found.json.entry]).toEqual([0, undefined]);
  });
  test("the child's own devices are there, another child's are not included through them", async () => {
    await put({ resourceType: 'Device', id: 'of-a', patient: of('child-a') });
    await put({
      resourceType: 'Observation',
      id: 'odd',
      status: 'final',
      code: { text: 'x' },
      subject: of('child-a'),
      device: { reference: 'Device/of-b' },
    });
    const found = await http.send('GET', '/fhir/Device', { as });
    expect(found.json.entry.map((entry: { resource: { id: string } }) => entry.resource.id)).toEqual(['of-a']);
    const included = await http.send('GET', '/fhir/Observation?_include=Observation:device', { as });
    expect(included.json.entry).toHaveLength(1);
  });
  test('a roster that names other children too is not shown', async () => {
    const member = (child: string) => ({ entity: { ...of(child), display: child } });
    const group = { resourceType: 'Group', type: 'person', actual: true };
    await put({ ...group, id: 'roster', member: [member('child-a'), member('child-b')] });
    await put({ ...group, id: 'alone', member: [member('child-a')] });
    expect((await http.send('GET', '/fhir/Group/roster', { as })).status).toBe(404);
    expect((await http.send('GET', '/fhir/Group/alone', { as })).status).toBe(200);
    const found = await http.send('GET', '/fhir/Group?_total=accurate', { as });
    expect(found.json.total).toBe(1);
    expect(found.text).not.toContain('child-b');
    // What the group was before counts as well: an old version may name others.
    await put({ ...group, id: 'roster', member: [member('child-a')] });
    expect((await http.send('GET', '/fhir/Group/roster', { as })).status).toBe(200);
    expect((await http.send('GET', '/fhir/Group/roster/_history/1', { as })).status).toBe(404);
  });
  test('what is about nobody stays readable', async () => {
    expect((await http.send('GET', '/fhir/Organization/clinic', { as })).status).toBe(200);
  });
  test('every type that can point at a patient is limited', () => {
    const { definitions } = http;
    const open = [...definitions.types].filter((type) => reachOf(definitions, type) === 'everybody');
    const pointing = open.filter((type) =>
      [...definitions.searchParams(type).values()].some(
        ({ kind, targets }) => kind === 'reference' && targets?.length === 1 && targets[0] === 'Patient',
      ),
    );
    expect(pointing).toEqual([]);
  });
});

describe('what other callers share', () => {
  test.each([
    ['PUT', '/fhir/Organization/clinic', { resourceType: 'Organization', id: 'clinic', name: 'Mine now' }],
    ['DELETE', '/fhir/Organization/clinic', undefined],
    ['POST', '/fhir/Library', { resourceType: 'Library', status: 'active', type: { text: 'logic' } }],
  ])('%s %s is refused to a token for one child', async (method, path, body) => {
    expect((await http.send(method, path, { as, body })).status).toBe(403);
    const entry = [{ resource: body, request: { method, url: path.replace('/fhir/', '') } }];
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await http.send('POST', '/fhir', { as, body: bundle })).status).toBe(403);
    expect((await http.send('GET', '/fhir/Organization/clinic')).json.name).toBe('Clinic');
  });
});

describe('whether a record exists', () => {
  const goal = (id: string) => ({
    resourceType: 'Goal',
    id,
    lifecycleStatus: 'active',
    description: { text: 'x' },
    subject: of('child-a'),
  });
  test.each(['PUT', 'DELETE'])('%s answers a hidden id exactly like one that never was', async (method) => {
    await put({ ...goal('hidden'), subject: of('child-b') });
    for (const headers of [{}, { 'If-Match': 'W/"1"' }] as Record<string, string>[]) {
      const [hidden, absent] = await Promise.all(
        ['hidden', 'never-was'].map((id) =>
          http.send(method, `/fhir/Goal/${id}`, { as, headers, body: method === 'PUT' ? goal(id) : undefined }),
        ),
      );
      expect([hidden?.status, hidden?.text]).toEqual([404, absent?.text]);
      expect(absent?.status).toBe(404);
    }
  });
  test('a conditional update cannot be used to try out ids', async () => {
    await put({ ...goal('hidden'), subject: of('child-b') });
    const [hidden, absent] = await Promise.all(
      ['hidden', 'never-was'].map((id) => http.send('PUT', '/fhir/Goal?_id=no-match', { as, body: goal(id) })),
    );
    expect([hidden?.status, hidden?.text]).toEqual([absent?.status, absent?.text]);
  });
});

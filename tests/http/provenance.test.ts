import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../src/base/clock.ts';
import { createProvenance } from '../../src/care/provenance/provenance.ts';
import { loadDefinitions } from '../../src/fhir/definitions.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
const agent = [{ who: { display: 'the school nurse' } }];
const stated = { resourceType: 'Provenance', recorded: '2026-01-01T00:00:00Z', agent };
const patient = (id: string) => ({ resourceType: 'Patient', id });
const goal = (child: string) => ({
  resourceType: 'Goal',
  lifecycleStatus: 'active',
  description: { text: 'Walk to school' },
  subject: { reference: `Patient/${child}` },
});
const entryOf = (resource: { resourceType: string; id?: string }) => ({
  resource,
  request: resource.id
    ? { method: 'PUT', url: `${resource.resourceType}/${resource.id}` }
    : { method: 'POST', url: resource.resourceType },
});
const transaction = (...resources: { resourceType: string; id?: string }[]) => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: resources.map(entryOf),
});
const withHeader = (provenance: unknown) => ({ 'X-Provenance': JSON.stringify(provenance) });
const found = (answer: { json: any }, type = 'Provenance'): any[] =>
  (answer.json.entry ?? []).map(({ resource }: any) => resource).filter((one: any) => one.resourceType === type);

beforeAll(async () => {
  const definitions = loadDefinitions(path.join(import.meta.dirname, '../../build/fhir'));
  const { conclusions } = createProvenance({ definitions, clock: systemClock, baseUrl: 'http://here.example/fhir' });
  http = await startHttp({}, { conclusions });
  const both = await http.send('POST', '/fhir', {
    body: transaction(patient('child-a'), patient('child-b'), goal('child-a'), goal('child-b'), goal('child-b')),
  });
  expect(both.status).toBe(200);
});
afterAll(() => http?.close());

describe('X-Provenance is refused', () => {
  test.each([
    ['no JSON', 'nobody'],
    ['another resource', JSON.stringify(patient('x'))],
    ['a list', '[]'],
    ['a target, which is the server’s to fill in', JSON.stringify({ ...stated, target: [{ reference: 'Patient/x' }] })],
    ['no agent', JSON.stringify({ ...stated, agent: undefined })],
    ['an element that Provenance does not have', JSON.stringify({ ...stated, authoor: 'x' })],
  ])('%s', async (_what, header) => {
    const answer = await http.send('POST', '/fhir/Goal', {
      body: goal('child-a'),
      headers: { 'X-Provenance': header },
    });
    expect([answer.status, answer.json.resourceType]).toEqual([400, 'OperationOutcome']);
    expect(answer.text).not.toContain('nobody');
  });
  test('from a client that may not write Provenance', async () => {
    const options = { as: 'goals', body: goal('child-a') };
    expect((await http.send('POST', '/fhir/Goal', { ...options, headers: withHeader(stated) })).status).toBe(403);
    expect((await http.send('POST', '/fhir/Goal', options)).status).toBe(201);
  });
  test('with what it came with left unwritten', async () => {
    const count = async () => (await http.send('GET', '/fhir/Goal?_summary=count')).json.total;
    const before = await count();
    await http.send('POST', '/fhir/Goal', { body: goal('child-a'), headers: withHeader({ ...stated, agent: [] }) });
    expect(await count()).toBe(before);
  });
});

describe('X-Provenance', () => {
  test('stands in the place of ours, with the version that was written as its target', async () => {
    const spoken = { ...stated, agent: [{ who: { display: 'Zoë, the school nurse' } }] };
    const headers = { 'X-Provenance': Buffer.from(JSON.stringify(spoken)).toString('latin1') };
    const made = await http.send('POST', '/fhir/Goal', { body: goal('child-a'), headers });
    const { id } = made.json;
    const all = found(await http.send('GET', `/fhir/Goal?_id=${id}&_revinclude=Provenance:target`));
    expect(all).toMatchObject([{ ...spoken, target: [{ reference: `Goal/${id}/_history/1` }] }]);
    const changed = { ...goal('child-a'), id, description: { text: 'Walk' } };
    await http.send('PUT', `/fhir/Goal/${id}`, { body: changed, headers: withHeader(stated) });
    await http.send('DELETE', `/fhir/Goal/${id}`, { headers: withHeader(stated) });
    const targets = found(await http.send('GET', `/fhir/Provenance?target=Goal/${id}`)).flatMap(({ target }) => target);
    expect(targets.map(({ reference }: any) => reference).sort()).toEqual(
      [1, 2, 3].map((version) => `Goal/${id}/_history/${version}`),
    );
  });
  test('goes with every entry of a batch, and once for each child with a transaction', async () => {
    const both = [goal('child-a'), goal('child-b')];
    for (const type of ['batch', 'transaction']) {
      const before = found(await http.send('GET', '/fhir/Provenance?_count=1000')).length;
      const body = { ...transaction(...both), type };
      expect((await http.send('POST', '/fhir', { body, headers: withHeader(stated) })).status).toBe(200);
      const after = found(await http.send('GET', '/fhir/Provenance?_count=1000'));
      expect(after.length - before).toBe(2);
    }
  });
  test('says nothing with a read', async () => {
    expect((await http.send('GET', '/fhir/Patient/child-a', { headers: { 'X-Provenance': '{' } })).status).toBe(200);
  });
});

describe('a token for one child, after one transaction over two', () => {
  const own = async (address: string) => found(await http.send('GET', address, { as: 'child-a' }));
  test('sees no Provenance that names the other', async () => {
    for (const address of [
      '/fhir/Provenance',
      '/fhir/Provenance?patient=child-a',
      '/fhir/Goal?patient=child-a&_revinclude=Provenance:target',
      '/fhir/Patient?_id=child-a&_revinclude=Provenance:target',
      '/fhir/Provenance/_history',
    ]) {
      const all = await own(`${address}${address.includes('?') ? '&' : '?'}_count=100`);
      expect([address, all.length > 0]).toEqual([address, true]);
      expect(JSON.stringify(all)).not.toContain('child-b');
      const others = found(await http.send('GET', '/fhir/Goal?patient=child-b'), 'Goal').map(({ id }) => id);
      for (const id of others) expect(JSON.stringify(all)).not.toContain(id);
    }
  });
  test('finds nothing about the other, by whatever way', async () => {
    expect(await own('/fhir/Provenance?patient=child-b')).toEqual([]);
    expect(await own('/fhir/Provenance?target=Patient/child-b')).toEqual([]);
    const [other] = found(await http.send('GET', '/fhir/Provenance?patient=child-b'));
    expect((await http.send('GET', `/fhir/Provenance/${other.id}`, { as: 'child-a' })).status).toBe(404);
    expect((await http.send('GET', `/fhir/Provenance/${other.id}/_history/1`, { as: 'child-a' })).status).toBe(404);
  });
  test('does not see what a client told of both at once, and sees what it told of its own', async () => {
    const of = (...children: string[]) => ({
      ...stated,
      target: children.map((child) => ({ reference: `Patient/${child}` })),
    });
    const both = (await http.send('POST', '/fhir/Provenance', { body: of('child-a', 'child-b') })).json;
    const single = (await http.send('POST', '/fhir/Provenance', { body: of('child-a') })).json;
    const seen = (await own('/fhir/Provenance?target=Patient/child-a&_count=100')).map(({ id }) => id);
    expect([seen.includes(single.id), seen.includes(both.id)]).toEqual([true, false]);
    expect((await http.send('GET', `/fhir/Provenance/${both.id}`, { as: 'child-a' })).status).toBe(404);
    expect(
      (await http.send('POST', '/fhir/Provenance', { as: 'child-a', body: of('child-a', 'child-b') })).status,
    ).toBe(403);
  });
  test('does not change or delete what the server recorded of another child', async () => {
    const [other] = found(await http.send('GET', '/fhir/Provenance?patient=child-b'));
    const options = { as: 'child-a', body: { ...other, recorded: '2020-01-01T00:00:00Z' } };
    expect((await http.send('PUT', `/fhir/Provenance/${other.id}`, options)).status).toBe(404);
    expect((await http.send('DELETE', `/fhir/Provenance/${other.id}`, { as: 'child-a' })).status).toBe(404);
  });
});

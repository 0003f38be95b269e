import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHttp, type TestHttp } from '../support/http.ts';
import { all, atOnce, tell, told } from './clients.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await startHttp();
});
afterAll(() => http.close());

const system = 'http://race.example';
const rounds = 40;
const patient = (value: string, extra: object = {}) => ({
  resourceType: 'Patient',
  identifier: [{ system, value }],
  ...extra,
});

async function ids(value: string): Promise<string[]> {
  const found = await http.send('GET', `/fhir/Patient?identifier=${system}|${value}&_count=100`);
  return (found.json.entry ?? []).map(({ resource }: { resource: { id: string } }) => resource.id);
}

/** Versions from 1 on, each one there. */
async function versions(id: string): Promise<number[]> {
  const history = await http.send('GET', `/fhir/Patient/${id}/_history?_count=1000`);
  return history.json.entry
    .map(({ resource }: { resource: { meta: { versionId: string } } }) => Number(resource.meta.versionId))
    .reverse();
}

describe(`${atOnce} clients at once`, () => {
  test('TH-48: make one resource by the same conditional create, whatever the order of the criteria', async () => {
    const seen = told();
    const made = new Map<string, Set<string>>();
    await all(async (client) => {
      for (let round = 0; round < rounds; round += 1) {
        const value = `create-${round}`;
        const criteria = [`identifier=${system}|${value}`, '_lastUpdated=ge2000'];
        const headers = { 'If-None-Exist': (client % 2 ? criteria : criteria.reverse()).join('&') };
        const answer = await http.send('POST', '/fhir/Patient', { body: patient(value), headers });
        tell(seen, answer.status, answer.text);
        made.set(value, (made.get(value) ?? new Set()).add(answer.json?.id));
      }
    });
    expect(seen.faults).toEqual([]);
    expect([seen.statuses.get(201), seen.statuses.get(200)]).toEqual([rounds, rounds * (atOnce - 1)]);
    for (const [value, told] of made) expect([...told]).toEqual(await ids(value));
  });

  test('make one resource by the same conditional update, and count its versions one by one', async () => {
    const seen = told();
    await all(async (client) => {
      for (let round = 0; round < rounds; round += 1) {
        // In groups of four the rounds go for one resource, so that it is made and then updated.
        const value = `update-${round >> 2}`;
        const body = patient(value, { telecom: [{ system: 'phone', value: `${client}-${round}` }] });
        const answer = await http.send('PUT', `/fhir/Patient?identifier=${system}|${value}`, { body });
        tell(seen, answer.status, answer.text);
      }
    });
    expect(seen.faults).toEqual([]);
    expect([...seen.statuses.keys()].sort()).toEqual([200, 201]);
    expect(seen.statuses.get(201)).toBe(rounds / 4);
    for (let place = 0; place < rounds / 4; place += 1) {
      const found = await ids(`update-${place}`);
      expect(found).toHaveLength(1);
      const numbers = await versions(found[0] ?? '');
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
      expect(numbers).toHaveLength(4 * atOnce);
    }
  });

  test('make one resource by conditional creates inside transactions', async () => {
    const seen = told();
    await all(async (client) => {
      for (let round = 0; round < rounds / 2; round += 1) {
        const entry = [0, 1].map((part) => {
          const value = `tx-${round}-${(part + client) % 2}`;
          const request = { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${system}|${value}` };
          return { fullUrl: `urn:uuid:00000000-0000-4000-8000-00000000000${part}`, resource: patient(value), request };
        });
        const body = { resourceType: 'Bundle', type: 'transaction', entry };
        const answer = await http.send('POST', '/fhir', { body });
        tell(seen, answer.status, answer.text);
      }
    });
    expect(seen.faults).toEqual([]);
    expect([...seen.statuses]).toEqual([[200, (rounds / 2) * atOnce]]);
    for (let round = 0; round < rounds / 2; round += 1) {
      expect(await ids(`tx-${round}-0`)).toHaveLength(1);
      expect(await ids(`tx-${round}-1`)).toHaveLength(1);
    }
  });

  test('TH-48: lose no update under If-Match: a counter ends at the number of the updates that were taken', async () => {
    const read = () => http.send('GET', '/fhir/Patient/counter');
    const counted = (value: number) => patient('counter', { id: 'counter', multipleBirthInteger: value, active: true });
    await http.send('PUT', '/fhir/Patient/counter', { body: counted(0) });
    const seen = told();
    await all(async () => {
      for (let round = 0; round < 60; round += 1) {
        const current = await read();
        const headers = { 'If-Match': String(current.headers.get('etag')) };
        const body = counted(current.json.multipleBirthInteger + 1);
        const answer = await http.send('PUT', '/fhir/Patient/counter', { body, headers });
        tell(seen, answer.status, answer.text);
      }
    });
    expect(seen.faults).toEqual([]);
    expect([...seen.statuses.keys()].filter((status) => status !== 200 && status !== 412)).toEqual([]);
    const taken = seen.statuses.get(200) ?? 0;
    expect(taken).toBeGreaterThanOrEqual(60);
    const last = await read();
    expect([last.json.multipleBirthInteger, last.json.meta.versionId]).toEqual([taken, String(taken + 1)]);
    const history = await http.send('GET', '/fhir/Patient/counter/_history?_count=1000');
    const numbers = history.json.entry.map(
      ({ resource }: { resource: { multipleBirthInteger: number } }) => resource.multipleBirthInteger,
    );
    expect(numbers).toEqual(Array.from({ length: taken + 1 }, (_, index) => taken - index));
  });

  test('patch the same resource without losing a patch', async () => {
    await http.send('PUT', '/fhir/Patient/list', { body: patient('list', { id: 'list' }) });
    const seen = told();
    await all(async (client) => {
      for (let round = 0; round < 10; round += 1) {
        const body = [{ op: 'add', path: '/identifier/-', value: { system, value: `${client}-${round}` } }];
        const headers = { 'Content-Type': 'application/json-patch+json' };
        const answer = await http.send('PATCH', '/fhir/Patient/list', { body, headers });
        tell(seen, answer.status, answer.text);
      }
    });
    expect(seen.faults).toEqual([]);
    expect([...seen.statuses]).toEqual([[200, 10 * atOnce]]);
    const { json } = await http.send('GET', '/fhir/Patient/list');
    const values = new Set(json.identifier.map(({ value }: { value: string }) => value));
    expect(values.size).toBe(10 * atOnce + 1);
  });

  test('delete and make the same id in turn, and agree with its history', async () => {
    const seen = told();
    await all(async (client) => {
      for (let round = 0; round < 20; round += 1) {
        const isDelete = (client + round) % 2 === 0;
        const body = patient('phoenix', { id: 'phoenix', telecom: [{ system: 'phone', value: `${client}-${round}` }] });
        const answer = await http.send(isDelete ? 'DELETE' : 'PUT', '/fhir/Patient/phoenix', isDelete ? {} : { body });
        tell(seen, answer.status, answer.text);
      }
    });
    expect(seen.faults).toEqual([]);
    const history = await http.send('GET', '/fhir/Patient/phoenix/_history?_count=1000');
    const { total, entry } = history.json;
    expect(entry).toHaveLength(total);
    const last = await http.send('GET', '/fhir/Patient/phoenix');
    const isGone = entry[0].request.method === 'DELETE';
    expect(last.status).toBe(isGone ? 410 : 200);
    expect(await ids('phoenix')).toEqual(isGone ? [] : ['phoenix']);
  });
});

describe(`transactions of ${atOnce} clients over the same resources in opposite orders`, () => {
  test('are all done, each whole', async () => {
    const names = Array.from({ length: 8 }, (_, place) => `shared-${place}`);
    const seen = told();
    await all(async (client) => {
      for (let round = 0; round < 12; round += 1) {
        const mark = `${client}-${round}`;
        const order = client % 2 ? names : [...names].reverse();
        const entry = order.map((id) => ({
          resource: patient(id, { id, telecom: [{ system: 'phone', value: mark }] }),
          request: { method: 'PUT', url: `Patient/${id}` },
        }));
        const body = { resourceType: 'Bundle', type: 'transaction', entry };
        const answer = await http.send('POST', '/fhir', { body });
        tell(seen, answer.status, answer.text);
        // Single writes in between, which take the same rows without any order.
        const [first = ''] = order;
        const single = patient(first, { id: first, telecom: [{ system: 'phone', value: `${mark}-single` }] });
        const alone = await http.send('PUT', `/fhir/Patient/${first}`, { body: single });
        tell(seen, alone.status, alone.text);
      }
    });
    expect(seen.faults).toEqual([]);
    expect([...seen.statuses.keys()]).toEqual([200]);
    // Every transaction left its mark on every one of them.
    for (const id of names) {
      const history = await http.send('GET', `/fhir/Patient/${id}/_history?_count=1000`);
      const marks = history.json.entry
        .map(({ resource }: { resource: { telecom: { value: string }[] } }) => resource.telecom[0]?.value)
        .filter((mark: string) => !mark.endsWith('single'));
      expect(new Set(marks).size).toBe(12 * atOnce);
      const numbers = await versions(id);
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    }
  });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startHttp, type TestHttp } from '../support/http.ts';

let http: TestHttp;
beforeAll(async () => {
  http = await startHttp();
});
afterAll(() => http.close());

const names = ['overlap-a', 'overlap-b', 'overlap-c', 'overlap-d'];
const entry = (method: string, url: string, resource: object, extra: object = {}) => ({
  resource,
  request: { method, url, ...extra },
});
const send = (entries: object[]) =>
  http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type: 'transaction', entry: entries } });
const basic = { resourceType: 'Basic', code: { text: 'x' } };

test('transactions over the same resources in opposite order all succeed, none is lost, and nobody waits for ever', async () => {
  const put = (round: number) => (id: string) => entry('PUT', `Basic/${id}`, { ...basic, id, language: `l${round}` });
  const rounds = Array.from({ length: 16 }, (_, round) =>
    send((round % 2 === 0 ? names : [...names].reverse()).map(put(round))),
  );
  const statuses = (await Promise.all(rounds)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  const read = await Promise.all(names.map((id) => http.send('GET', `/fhir/Basic/${id}`)));
  expect(read.map(({ json }) => json.meta.versionId)).toEqual(names.map(() => '16'));
  // The last transaction wrote all four: no resource has one from another.
  expect(new Set(read.map(({ json }) => json.language)).size).toBe(1);
});

test('transactions with the same conditional creates in opposite order make each resource once', async () => {
  const make = (id: string) =>
    entry(
      'POST',
      'Basic',
      { ...basic, identifier: [{ system: 'urn:overlap', value: id }] },
      { ifNoneExist: `identifier=urn:overlap|${id}` },
    );
  const rounds = Array.from({ length: 16 }, (_, round) =>
    send((round % 2 === 0 ? names : [...names].reverse()).map(make)),
  );
  const statuses = (await Promise.all(rounds)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  for (const id of names) {
    const found = await http.send('GET', `/fhir/Basic?identifier=urn:overlap|${id}&_total=accurate`);
    expect(found.json.total).toBe(1);
  }
});

test('If-Match in a transaction lets one of many through', async () => {
  await http.send('PUT', '/fhir/Basic/matched', { body: { ...basic, id: 'matched' } });
  const put = (round: number) =>
    send([
      entry('PUT', 'Basic/matched', { ...basic, id: 'matched', language: `l${round}` }, { ifMatch: 'W/"1"' }),
      entry('POST', 'Basic', { ...basic, language: `beside-${round}` }),
    ]);
  const statuses = (await Promise.all(Array.from({ length: 8 }, (_, round) => put(round)))).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 412)).toHaveLength(7);
  const kept = await http.store.query(`SELECT 1 FROM resource WHERE content LIKE '%beside-%'`);
  expect(kept).toHaveLength(1);
});

import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { loadDefinitions } from '../../src/fhir/definitions.ts';
import { createExtractor } from '../../src/fhir/search/extract.ts';
import { openCatalog, searchParametersModule } from '../../src/store/search-parameters/search-parameters.ts';
import { createStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';
import { startHttp, type TestHttp } from '../support/http.ts';

let home: TestStore;
let pool: pg.Pool;
let http: TestHttp;
/** Another process on the same database: here the search parameters are changed, and indexed. */
let elsewhere: { store: Store; index(id: string): Promise<unknown> };

beforeAll(async () => {
  home = await createTestStore();
  pool = new pg.Pool({ ...home.connection, max: 8 });
  pool.on('error', () => {});
  const base = loadDefinitions(path.join(import.meta.dirname, '../../build/fhir'));
  const open = async () => {
    const query = async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(text, [...values])).rows;
    const catalog = await openCatalog(base, { query });
    const { definitions } = catalog;
    const extract = createExtractor(definitions);
    const { checks, effects, jobs } = searchParametersModule(base, extract);
    const { clock, log } = home;
    const store = createStore({ pool, definitions, catalog, extract, checks, effects, clock, log });
    return { store, definitions, index: async (id: string) => jobs[0]?.run({ key: id }, { store }) };
  };
  elsewhere = await open();
  const { store, definitions } = await open();
  http = await startHttp({ store, definitions });
});
afterAll(async () => {
  await http.close();
  await pool.end();
  await home.drop();
});

const system = 'urn:careweave:test';
const add = async (code: string) => {
  const made = await elsewhere.store.transact(testActor, (tx) =>
    tx.update({
      resourceType: 'SearchParameter',
      id: code,
      url: `https://careweave.example/SearchParameter/${code}`,
      name: 'Test',
      status: 'active',
      description: 'A test',
      code,
      base: ['Patient'],
      type: 'token',
      expression: "Patient.identifier.where(use = 'temp')",
    }),
  );
  expect(made.ok).toBe(true);
  await elsewhere.index(code);
};
const child = (id: string) => ({
  resourceType: 'Patient',
  id,
  identifier: [{ use: 'temp', system, value: id }],
});

test('a search by a parameter that this process has not heard of', async () => {
  await http.send('PUT', '/fhir/Patient/one', { body: child('one') });
  expect((await http.send('GET', `/fhir/Patient?temp-a=${system}|one`)).status).toBe(400);
  await add('temp-a');
  const found = await http.send('GET', `/fhir/Patient?temp-a=${system}|one`);
  expect([found.status, found.json.entry?.length]).toEqual([200, 1]);
});

test('a conditional create by one', async () => {
  await add('temp-b');
  const again = await http.send('POST', '/fhir/Patient', {
    body: child('one'),
    headers: { 'If-None-Exist': `temp-b=${system}|one` },
  });
  expect([again.status, again.json.id]).toEqual([200, 'one']);
});

test.each(['batch', 'transaction'])('a %s whose entries ask and write by one', async (type) => {
  await add(`temp-${type}`);
  const entry = [
    { request: { method: 'GET', url: `Patient?temp-${type}=${system}|one` } },
    { resource: child('one'), request: { method: 'PUT', url: `Patient?temp-${type}=${system}|one` } },
  ];
  const answer = await http.send('POST', '/fhir', { body: { resourceType: 'Bundle', type, entry } });
  expect(answer.status).toBe(200);
  expect(answer.json.entry.map((one: { response: { status: string } }) => one.response.status)).toEqual([
    '200 OK',
    '200 OK',
  ]);
});

test('one that was taken away meanwhile is unknown at once', async () => {
  const gone = await elsewhere.store.transact(testActor, (tx) => tx.delete('SearchParameter', 'temp-a'));
  expect(gone.ok).toBe(true);
  const answer = await http.send('GET', `/fhir/Patient?temp-a=${system}|one`);
  expect([answer.status, answer.json.issue[0].code]).toEqual([400, 'not-found']);
});

import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { leaseOwner } from '../../src/ehr/lease-owner.ts';
import { takeLease } from '../../src/ehr/sites/lease.ts';
import { addSite } from '../../src/ehr/sites/registry.ts';
import { createTestStore, type TestStore } from '../support/database.ts';

let database: TestStore;
beforeAll(async () => {
  database = await createTestStore();
  const site = { id: 'lakeside', name: 'Lakeside', baseUrl: 'https://ehr.example/fhir', clientId: 'c' };
  expect(await addSite(database.store, { ...site, key: { kty: 'EC', d: 'secret' } })).toMatchObject({ ok: true });
});
afterAll(() => database.drop());

const setOwner = (owner: unknown[]) =>
  database.store.query('update ehr_site set lease_owner = $1', [JSON.stringify(owner)]);

test('a held lease is refused with one sentence, also when its owner is on another machine', async () => {
  const { store } = database;
  expect(await takeLease(store, 'lakeside', 60)).toEqual({ ok: true, value: 1 });
  expect(await takeLease(store, 'lakeside', 60)).toMatchObject({ ok: false, error: { kind: 'conflict' } });
  await setOwner(['another-machine', 1, '']);
  expect(await takeLease(store, 'lakeside', 60)).toMatchObject({ ok: false, error: { kind: 'conflict' } });
});

test('the lease of a process that was killed here is free at once, and its fence is passed', async () => {
  const { store } = database;
  const gone = Number(execFileSync(process.execPath, ['-p', 'process.pid']).toString());
  const [place] = JSON.parse(leaseOwner());
  await setOwner([place, gone, '1']);
  expect(await takeLease(store, 'lakeside', 60)).toEqual({ ok: true, value: 2 });
});

test('a process id that another process has now is not its owner', async () => {
  const [place] = JSON.parse(leaseOwner());
  await setOwner([place, process.pid, 'earlier']);
  expect(await takeLease(database.store, 'lakeside', 60)).toEqual({ ok: true, value: 3 });
});

test('a site without a name, with a base URL that is no URL, or with the base URL of another is refused', async () => {
  const { store } = database;
  const site = { id: 'summit', name: 'Summit', baseUrl: 'https://summit.example/fhir', clientId: 'c' };
  for (const wrong of [
    { id: 'No Way' },
    { name: ' ' },
    { baseUrl: 'ftp://x' },
    { baseUrl: 'x?y=1' },
    { clientId: '' },
  ]) {
    expect(await addSite(store, { ...site, ...wrong })).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  }
  const taken = await addSite(store, { ...site, baseUrl: 'https://ehr.example/fhir/' });
  expect(taken).toMatchObject({ ok: false, error: { kind: 'conflict' } });
});

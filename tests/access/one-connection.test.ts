import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type pg from 'pg';
import { openPrivacyHouse, type PrivacyHouse } from './support/privacy-house.ts';

/**
 * A transaction holds a connection. If what is asked in it waited for another one, as many transactions as there are connections would wait for
 * each other. Here there is one connection, and everything that is remembered for two seconds is older in every transaction.
 */
let house: PrivacyHouse;
let taken: pg.PoolClient[] = [];
let time = Date.parse('2026-11-23T12:00:00-05:00');
const child = 'Patient/pv-turning-twelve';
const father = 'RelatedPerson/pv-turning-twelve-father';
const doctor = 'Practitioner/pv-doctor';
const later = () => {
  time += 3000;
  house.at(new Date(time).toISOString());
};

beforeAll(async () => {
  house = await openPrivacyHouse(new Date(time).toISOString(), (given) => {
    const transact: typeof given.store.transact = (actor, work) =>
      given.store.transact(actor, (tx) => {
        later();
        return work(tx);
      });
    return { ...given, store: { ...given.store, transact } };
  });
  await house.load('turning-twelve');
  const { max } = house.pool.options;
  taken = await Promise.all(Array.from({ length: max - 1 }, () => house.pool.connect()));
}, 60_000);
afterAll(async () => {
  for (const one of taken) one.release();
  await house.shut();
});

const wish = { resourceType: 'Task', status: 'requested', intent: 'proposal', for: { reference: child } };
const condition = { resourceType: 'Condition', id: 'pv-cough', subject: { reference: child } };
const put = async (who: string, path: string, resource: object) =>
  (await house.as(who, 'PUT', `/${path}`, resource)).status;

test('staff change a Task and a record, when what is known of them is old', async () => {
  expect(await put('system', 'Task/pv-one', { ...wish, id: 'pv-one' })).toBe(201);
  expect(await put(doctor, 'Task/pv-one', { ...wish, id: 'pv-one', description: 'Another' })).toBe(200);
  expect(await put('system', 'Condition/pv-cough', condition)).toBe(201);
  expect(await put(doctor, 'Condition/pv-cough', { ...condition, code: { text: 'cough' } })).toBe(200);
});

test('who is told a part writes by criteria that name a record', async () => {
  const asked = { ...wish, requester: { reference: father } };
  const criteria = { 'If-None-Exist': `patient=${child}&status=draft` };
  expect((await house.as(father, 'POST', '/Task', asked, criteria)).status).toBe(201);
});

test('what another process has done to the search parameters is taken over', async () => {
  await house.store.query('UPDATE search_generation SET number = number + 1');
  expect(await put(doctor, 'Condition/pv-cough', { ...condition, code: { text: 'a cough' } })).toBe(200);
});

import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { demoTown } from '../../fixtures/town/index.ts';
import { backendToken } from '../../scripts/bench/backend-token.ts';
import { addDemoPartner } from '../../src/demo/partner.ts';
import { openTestHouse, type TestHouse, unwrap } from '../support/house.ts';

/** Whoever starts the demo sees a referral in motion: a community partner with a system of its own that answers in its own words. */
let house: TestHouse;
let file: string;

beforeAll(async () => {
  house = await openTestHouse();
  const town = demoTown();
  const slugs = ['pilar-greenacre', 'gideon-applewhite', 'wren-castellane'];
  const bundles = town.children.filter(({ slug }) => slugs.includes(slug)).map(({ bundle }) => bundle);
  for (const path of [town.organizations, ...bundles])
    expect((await house.fhir('POST', '', readFileSync(path, 'utf8'))).status).toBe(200);
  const { store, clock, log, commands, config } = house;
  file = unwrap(await addDemoPartner({ store, clock, log, commands, dataDir: config.dataDir }));
  house.access.forget();
}, 60_000);
afterAll(() => house?.shut());

async function asBank(method: string, path: string, body?: unknown): Promise<{ status: number; json: any }> {
  const scope = 'system/Task.rus system/ServiceRequest.rs system/Patient.r system/Organization.r';
  const token = await backendToken(house.url, readFileSync(file, 'utf8'), scope);
  const answer = await fetch(`${house.url}/fhir${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, json: await answer.json() };
}

test('the food bank’s system sees its referrals in Gravity’s words and the children of them, and nobody else', async () => {
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const { json } = await asBank('GET', '/Task?owner=Organization/full-basket-food-bank&_sort=_id');
  const tasks = json.entry.map(({ resource }: any) => resource);
  expect(tasks.length).toBeGreaterThan(0);
  const pilar = tasks.find(({ id }: any) => id === 'pilar-greenacre-referral-food');
  expect(pilar).toMatchObject({ status: 'in-progress', executionPeriod: { start: expect.any(String) } });
  expect((await asBank('GET', '/Patient/pilar-greenacre')).status).toBe(200);
  expect((await asBank('GET', '/Patient/wren-castellane')).status).toBe(404);
});

test('it moves the referral, and the clinic sees it', async () => {
  const { meta: _meta, ...told } = (await asBank('GET', '/Task/pilar-greenacre-referral-food')).json;
  const output = [{ type: { text: 'Result' }, valueString: 'Groceries came to the door' }];
  const done = await asBank('PUT', `/Task/${told.id}`, {
    ...told,
    status: 'completed',
    businessStatus: undefined,
    output,
  });
  expect([done.status, done.json.status]).toEqual([200, 'completed']);
  expect((await house.fhir('GET', `/Task/${told.id}`)).json).toMatchObject({ status: 'completed', output });
});

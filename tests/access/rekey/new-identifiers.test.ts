import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { addRole } from '../../../src/access/policy/roles.ts';
import { createAccounts } from '../../../src/auth/people/accounts.ts';
import { createCredentials } from '../../../src/auth/people/credentials.ts';
import { createSealing } from '../../../src/auth/people/sealing.ts';
import { unwrap } from '../../support/house.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../support/privacy-house.ts';

let house: PrivacyHouse;
let codes: string[] = [];
const officer = 'Practitioner/pv-officer';
const doctor = 'Practitioner/pv-doctor';
const adoptive = 'RelatedPerson/pv-adopted-adoptive-mother';
const path = '/Patient/pv-adopted';
const ask = (who: string, code?: string) =>
  house.as(who, 'POST', `${path}/$new-identifiers`, {
    resourceType: 'Parameters',
    ...(code !== undefined && { parameter: [{ name: 'second-factor', valueString: code }] }),
  });
const numbers = async (who: string) =>
  ((await house.as(who, 'GET', path)).json.identifier ?? []).map(({ value }: any) => value);

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('adopted');
  unwrap(await addRole(house.store, officer, 'privacy-officer'));
  const parts = { sql: house.store, clock: house.clock, sealing: createSealing(house.store) };
  const added = unwrap(await createAccounts(parts).add({ username: 'officer', fhirUsers: [officer] }));
  codes = await createCredentials(parts).setSecondFactor(added.id, await parts.sealing.seal(Buffer.alloc(20, 7)), 0);
}, 60_000);
afterAll(() => house.shut());

test('PP-21 nobody gives new numbers but a privacy officer with a second sign-in, and none to a child whom a hospital keeps', async () => {
  const before = await numbers(doctor);
  expect(before).toHaveLength(1);
  expect((await ask(adoptive)).status).toBe(404);
  expect((await ask('system')).status).toBe(404);
  expect((await ask(doctor, codes[0])).status).toBe(403);
  expect((await ask(officer)).status).toBe(401);
  expect((await ask(officer, 'aaaa-bbbb-cccc')).status).toBe(401);
  expect(await numbers(doctor)).toEqual(before);
});

test('PP-21 after an adoption the child is known by a number that nobody knew, and families are told no other', async () => {
  const [old] = await numbers(doctor);
  expect(await numbers(adoptive)).toEqual([old]);
  const answer = await ask(officer, codes.pop());
  expect([answer.text, answer.status]).toEqual([answer.text, 200]);
  const { value } = answer.json.parameter[0].valueIdentifier;
  expect(value).toMatch(/^[\w-]{20,}$/);
  expect(await numbers(adoptive)).toEqual([value]);
  expect((await numbers(doctor)).toSorted()).toEqual([old, value].toSorted());
  for (const asked of [old, value, 'never-was'])
    expect((await house.as(adoptive, 'GET', `/Patient?identifier=${asked}`)).status).toBe(403);
  const again = await ask(officer, codes.pop());
  expect(await numbers(adoptive)).toEqual([again.json.parameter[0].valueIdentifier.value]);
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { gravityTask } from '../../../../src/care/referral/dialect/tell.ts';
import { openPrivacyHouse, type PrivacyHouse } from '../../../access/support/privacy-house.ts';
import { text } from '../support/referred.ts';

/** A food pantry's system speaks Gravity, and is told of a child what the policy gives a community organization: the referral, and little else. */
let house: PrivacyHouse;
const pantry = 'client/food-app';
const doctor = 'Practitioner/pv-doctor';
const task = 'Task/pv-school-day-food-task';

beforeAll(async () => {
  house = await openPrivacyHouse();
  await house.load('school-day');
  await house.store.query('INSERT INTO referral_partner (client_id, dialect, acts_for) VALUES ($1, $2, $3)', [
    ...['food-app', 'gravity', ['Organization/pv-school-day-pantry']],
  ]);
  // Who speaks how is remembered for two seconds.
  house.at('2026-11-23T12:01:00-05:00');
}, 60_000);
afterAll(() => house.shut());

const read = async (who: string, path: string) => (await house.as(who, 'GET', `/${path}`)).json;
const say = async (status: string, more: object = {}) => {
  const { businessStatus: _was, ...told } = await read(pantry, task);
  const put = await house.as(pantry, 'PUT', `/${task}`, { ...told, status, ...more });
  return [put.status, text(put)];
};

test('D9 a community partner works a referral in its own words, within the minimum that it is told', async () => {
  const told = await read(pantry, task);
  expect([told.status, told.meta?.profile]).toEqual(['requested', [gravityTask]]);
  const all = await read(pantry, 'Task?_sort=_id&_count=50');
  expect(all.entry.map(({ resource }: any) => `Task/${resource.id}`)).toEqual([task]);
  expect((await house.as(pantry, 'GET', '/Task/pv-school-day-school-task')).status).toBe(404);
  expect((await say('received'))[0]).toBe(422);
  expect(await say('on-hold', { statusReason: { text: 'How many people eat with the child?' } })).toEqual([200, '']);
  // The question has come to the doctor, and the pantry sees what it asked.
  const asked = (await read(doctor, `Task?focus=${task}`)).entry[0].resource;
  expect(asked.owner.reference).toBe(doctor);
  expect((await read(pantry, `Task/${asked.id}`)).description).toBe('How many people eat with the child?');
  const output = [{ type: { text: 'Answer' }, valueString: 'Four' }];
  const answered = await house.as(doctor, 'PUT', `/Task/${asked.id}`, { ...asked, status: 'completed', output });
  expect([answered.status, text(answered)]).toEqual([200, '']);
  expect((await read(pantry, task)).status).toBe('requested');
  expect(await say('accepted')).toEqual([200, '']);
  const result = [{ type: { text: 'Result' }, valueString: 'A box every Thursday' }];
  expect(await say('completed', { output: result })).toEqual([200, '']);
  const done = await read(doctor, task);
  expect(done).toMatchObject({ status: 'completed', output: result, requester: { reference: doctor } });
  const acknowledged = {
    system: 'http://careweave.org/fhir/CodeSystem/referral-status',
    code: 'requester-acknowledged',
  };
  const closed = await house.as(doctor, 'PUT', `/${task}`, { ...done, businessStatus: { coding: [acknowledged] } });
  expect([closed.status, text(closed)]).toEqual([200, '']);
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openPrivacyHouse, type PrivacyHouse } from '../../access/support/privacy-house.ts';
import { unwrap } from '../../support/house.ts';

let house: PrivacyHouse;
let now = '2026-11-23T12:00:00-05:00';
const child = 'Patient/pv-school-day';
const mother = 'RelatedPerson/pv-school-day-mother';
const helper = 'Practitioner/pv-school-day-helper';
const doctor = 'Practitioner/pv-doctor';

beforeAll(async () => {
  house = await openPrivacyHouse(now);
  await house.load('school-day');
}, 60_000);
afterAll(() => house.shut());

const at = (instant: string) => {
  now = instant;
  house.at(instant);
};
const wake = async () => {
  const handler = house.care.module.jobs?.find(({ kind }) => kind === 'care.consent-end');
  const context = { store: house.store, log: house.log, clock: { now: () => new Date(now) } };
  const done = await handler?.run({ kind: 'care.consent-end', key: 'all', payload: {}, attempt: 1 }, context);
  unwrap(done ?? { ok: true, value: undefined });
  return handler !== undefined;
};
const told = async (who: string) => {
  const { json } = await house.as(who, 'GET', `/Task?patient=${child}&_count=100`);
  return (json.entry ?? [])
    .map(({ resource }: any) => resource)
    .filter(({ code }: any) => code?.coding?.[0]?.code === 'sharing-ended');
};
const leaveOf = async (partner: string) =>
  (await house.as('system', 'GET', `/Consent/pv-school-day-${partner}-leave`)).json;

describe('S2.17 the time of a leave to share is over', () => {
  test('S2.17 the next read of the partner is denied by the clock alone, and then the coordinator is told, once', async () => {
    at('2027-06-30T23:59:00-04:00');
    expect((await house.as(helper, 'GET', `/${child}`)).status).toBe(200);
    expect(await wake()).toBe(true);
    expect(await told('system')).toEqual([]);
    at('2027-07-01T00:00:00-04:00');
    expect((await house.as(helper, 'GET', `/${child}`)).status).toBe(404);
    await wake();
    const tasks = await told(doctor);
    expect(tasks.map(({ focus }: any) => focus.reference).sort()).toEqual([
      'Consent/pv-school-day-pantry-leave',
      'Consent/pv-school-day-school-leave',
    ]);
    expect(tasks[0]).toMatchObject({ status: 'requested', for: { reference: child } });
    // Neither a partner nor a family is told of what is for the coordinator.
    expect([await told(helper), await told(mother)]).toEqual([[], []]);
    const versions = tasks.map(({ meta }: any) => meta.versionId);
    await wake();
    expect((await told(doctor)).map(({ meta }: any) => meta.versionId)).toEqual(versions);
  });

  test('S2.17 nobody is told when another leave that allows as much has taken its place; of one that allows less, somebody is', async () => {
    const made = async (id: string, more: object, until = '2027-12-31') => {
      const { meta: _meta, ...leave } = await leaveOf('pantry');
      const period = { start: '2027-07-01', end: until };
      const provision = { ...leave.provision, period, ...more };
      const written = await house.as('system', 'PUT', `/Consent/${id}`, { ...leave, id, provision });
      expect([written.status, written.text]).toEqual([201, expect.anything()]);
    };
    at('2027-07-02T12:00:00-04:00');
    await made('same-one', {}, '2027-07-10');
    await made('same-two', {});
    at('2027-07-12T12:00:00-04:00');
    await wake();
    expect((await told('system')).map(({ focus }: any) => focus.reference)).not.toContain('Consent/same-one');
    const types = [{ system: 'http://hl7.org/fhir/resource-types', code: 'Patient' }];
    await made('narrow', { class: types }, '2028-02-01');
    at('2028-01-02T12:00:00-05:00');
    await wake();
    expect((await told('system')).map(({ focus }: any) => focus.reference)).toContain('Consent/same-two');
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { escalateOverdue } from '../../src/care/queue/escalate-job.ts';
import { bserStatus } from '../../src/care/referral/canonical-state.ts';
import { type Family, openFamily, ref, words } from '../care/proposal/support/family.ts';
import { referring, shared, text } from '../care/referral/support/referred.ts';

/**
 * A child with a heart murmur is referred to a cardiologist, who asks, waits for the answer, and declines. The doctor asks a clinic instead, whose
 * system speaks BSeR: no-show, another day, the visit, no report, a reminder, the report. The mother sees it and says that they were there. The
 * doctor looks at the outcome and closes the loop. Everybody asks through the public API.
 */
let at: Family;
let of: ReturnType<typeof referring>;
let first: string;
let second: string;
const clinic = 'client/heart-clinic';
const organization = 'Organization/heart-clinic';

beforeAll(async () => {
  at = await openFamily();
  of = referring(at);
  const put = (resource: any) => at.house.as('system', 'PUT', `/${resource.resourceType}/${resource.id}`, resource);
  await put({
    resourceType: 'Practitioner',
    id: of.specialist.slice('Practitioner/'.length),
    name: [{ family: 'Hartwell' }],
  });
  await put({ resourceType: 'Organization', id: 'heart-clinic', name: 'Invented heart clinic' });
  await at.house.store.query('INSERT INTO referral_partner (client_id, dialect, acts_for) VALUES ($1, $2, $3)', [
    ...['heart-clinic', 'bser', [organization]],
  ]);
  // Who speaks how is remembered for two seconds.
  at.house.at('2026-11-23T12:01:00-05:00');
}, 60_000);
afterAll(() => at?.house.shut());

const told = async (who: string, id: string) => (await at.house.as(who, 'GET', `/Task/${id}`)).json;
/** The clinic's system takes what it was told, changes it in its own words, and sends it back by the version it saw. */
async function clinicSays(status: string, code: string | undefined, more: object = {}) {
  const task = await told(clinic, second);
  const businessStatus = code === undefined ? undefined : { coding: [{ system: bserStatus, code }] };
  const headers = { 'If-Match': `W/"${task.meta.versionId}"` };
  const put = await at.house.as(
    clinic,
    'PUT',
    `/Task/${second}`,
    { ...task, status, businessStatus, ...more },
    headers,
  );
  expect([text(put), put.status]).toEqual(['', 200]);
}
const open = async (owner: string) =>
  ((await at.house.as('system', 'GET', `/Task?owner=${owner}&status=requested`)).json.entry ?? [])
    .map(({ resource }: any) => resource)
    .filter(({ focus }: any) => focus?.reference?.startsWith('Task/'));

describe('a referral that is declined and re-routed', () => {
  test('the cardiologist asks, is answered, and declines with a reason; the doctor sees both', async () => {
    first = await of.refer({ request: { code: { text: 'Cardiology: murmur' } } });
    const question = { statusReason: { text: 'Was there an ultrasound?' } };
    expect((await of.move(of.specialist, first, 'more-information', question)).status).toBe(200);
    const [asked] = await open(at.doctor);
    expect(asked.description).toBe('Was there an ultrasound?');
    const output = [{ type: { text: 'Answer' }, valueString: 'Yes, in March' }];
    const answered = await at.house.as(at.doctor, 'PUT', `/Task/${asked.id}`, {
      ...asked,
      status: 'completed',
      output,
    });
    expect([text(answered), answered.status]).toEqual(['', 200]);
    expect(await of.state(first)).toBe('sent');
    const reason = { statusReason: { text: 'We see children from six on' } };
    expect((await of.move(of.specialist, first, 'declined', reason)).status).toBe(200);
    expect((await told(at.doctor, first)).statusReason).toEqual(reason.statusReason);
  });

  test('the doctor asks the clinic instead; the request stays open, and the first answer stays readable', async () => {
    const made = await at.operation(at.doctor, `Task/${first}/$reroute`, [ref('owner', organization)]);
    expect([text(made), made.status]).toEqual(['', 200]);
    second = made.json.id;
    expect((await told(at.doctor, first)).status).toBe('rejected');
    expect((await at.read(made.json.focus.reference)).status).toBe('active');
    expect((await told(clinic, second)).status).toBe('received');
    // The mother was told of the first; of the second too.
    expect((await told(at.mother, second)).meta.tag).toEqual(shared.tag);
  });

  test('a no-show, another day; the mother says that they were there', async () => {
    await clinicSays('accepted', '3.0');
    await clinicSays('in-progress', '5.1.1', { executionPeriod: { start: '2026-11-25', end: '2026-11-25' } });
    await clinicSays('in-progress', '5.1.2');
    const said = await at.operation(at.mother, `Task/${second}/$attendance`, [
      { name: 'attended', valueBoolean: true },
    ]);
    expect([text(said), said.status]).toEqual(['', 200]);
    expect((await told(at.doctor, second)).businessStatus.coding[0].code).toBe('5.1.2');
    const [asked] = await open(organization);
    expect(asked.description).toMatch(/says that the child was there/);
    await clinicSays('in-progress', '5.1.1');
    await clinicSays('in-progress', '5.1.4');
  });

  test('S4.5 the visit was held and no note has come for two weeks: somebody asks for it, and the referral is not touched', async () => {
    const before = await told('system', second);
    const remind = async () => {
      const job = { kind: 'care.escalate', key: 'all', payload: {}, attempt: 1 };
      const { store, log, clock } = at.house;
      expect((await escalateOverdue.run(job, { store, log, clock })).ok).toBe(true);
      return (await open(at.doctor)).map(({ description }: any) => description);
    };
    at.house.at('2026-12-06T12:00:00-05:00');
    expect(await remind()).toEqual([]);
    at.house.at('2026-12-08T12:00:00-05:00');
    expect(await remind()).toEqual(['The visit was held and there is no report. Ask for it.']);
    expect(await told('system', second)).toEqual(before);
  });

  test('the report comes; the doctor looks at it and closes the loop, and nobody else can', async () => {
    const report = {
      resourceType: 'DocumentReference',
      status: 'current',
      content: [{ attachment: { title: 'Visit note' } }],
    };
    const stored = await at.house.as('system', 'POST', '/DocumentReference', {
      ...report,
      subject: { reference: at.child },
    });
    const result = {
      type: { text: 'Visit note' },
      valueReference: { reference: `DocumentReference/${stored.json.id}` },
    };
    await clinicSays('completed', '7.0', { output: [result] });
    // What asked for the report is done.
    expect(await open(at.doctor)).toEqual([]);
    expect((await at.read((await told('system', second)).focus.reference)).status).toBe('active');
    const acknowledged = {
      system: 'http://careweave.org/fhir/CodeSystem/referral-status',
      code: 'requester-acknowledged',
    };
    const early = await told(clinic, second);
    const coding = [{ system: bserStatus, code: '7.0' }, acknowledged];
    const theirs = await at.house.as(clinic, 'PUT', `/Task/${second}`, { ...early, businessStatus: { coding } });
    expect([theirs.status, text(theirs)]).toEqual([422, expect.stringMatching(/That is for its requester/)]);
    expect((await of.move(at.doctor, second, 'loop-closed')).status).toBe(200);
    expect((await at.read((await told('system', second)).focus.reference)).status).toBe('completed');
    expect((await told(at.mother, second)).status).toBe('completed');
    const again = await at.operation(at.doctor, `Task/${second}/$reroute`, [
      ref('owner', of.specialist),
      words('reason', 'x'),
    ]);
    expect(again.status).toBe(422);
  });
});

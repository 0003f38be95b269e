import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCare } from '../../../../src/care/care.ts';
import { escalateOverdue } from '../../../../src/care/queue/escalate-job.ts';
import { statusFor } from '../../../../src/care/referral/canonical-state.ts';
import { capacityExtension, capacityOf } from '../../../../src/care/referral/capacity/capacity.ts';
import type { Resource, r4 } from '../../../../src/fhir/types.ts';
import type { Actor } from '../../../../src/store/types.ts';
import { startHttp, type TestHttp } from '../../../support/http.ts';
import * as a from '../../support/child.ts';
import { enlist } from '../../support/people.ts';

const now = { at: new Date('2026-03-06T15:00:00Z') };
const clock = { now: () => now.at };
const { checks, effects, conclusions } = createCare({ clock }).module;
let http: TestHttp;

const gravity = 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes';
const category = [{ coding: [{ system: 'http://careweave.org/fhir/CodeSystem/family-support', code: 'respite' }] }];
function service(id: string, code: string | undefined, more: object = {}): Resource {
  const coded = { coding: [{ system: gravity, code }] };
  const extension = [{ url: capacityExtension, extension: [{ url: 'capacityStatus', valueCodeableConcept: coded }] }];
  return { resourceType: 'HealthcareService', id, category, ...(code !== undefined && { extension }), ...more };
}

beforeAll(async () => {
  http = await startHttp({}, { checks, effects, conclusions, clock });
  await enlist(http.store, 'Organization/respite', 'Organization/else', 'Practitioner/asks');
  await a.put(
    http.store,
    a.coordinator,
    service('full', 'no-capacity', { providedBy: { reference: 'Organization/respite' } }),
    service('free', 'capacity'),
    service('closed', 'capacity', { active: false }),
    service('waiting', 'waitlist'),
    service('looks', 'additional-assessment-required'),
    service('silent', undefined),
    service('other', 'capacity', { category: [{ coding: [{ system: 'urn:x', code: 'food' }] }] }),
  );
});
afterAll(() => http.close());

let made = 0;
async function send(
  owner: object,
  { request = {}, more = {}, actor = a.coordinator }: { request?: object; more?: object; actor?: Actor } = {},
) {
  made += 1;
  const id = `r${made}`;
  await a.put(http.store, a.coordinator, a.request(id, 'Respite', request));
  return a.tryPut(
    http.store,
    actor,
    a.task(id, 'x', { focus: { reference: `ServiceRequest/${id}` }, ...owner, ...more }),
  );
}
const to = (id: string) => ({ owner: { reference: `HealthcareService/${id}` } });

describe('referral-capacity', () => {
  test('D9 refuses what is sent to a service without a place, and names those of its kind that have one', async () => {
    const refused = await send(to('full'));
    expect(refused.ok ? '' : refused.error.issues[0]?.text).toBe(
      'referral-capacity: The service has no place and no waiting list. These have a place: HealthcareService/free.',
    );
    const performer = [{ reference: 'HealthcareService/full' }];
    const behind = await send({ owner: { reference: 'Organization/respite' } }, { request: { performer } });
    expect(a.refusedBy(behind)).toBe('referral-capacity');
    // Whoever else is asked is not that service.
    expect((await send({ owner: { reference: 'Organization/else' } }, { request: { performer } })).ok).toBe(true);
  });

  test.each(['free', 'waiting', 'looks', 'silent'])('takes what is sent to %s', async (id) => {
    expect((await send(to(id))).ok).toBe(true);
  });

  test('says nothing of a service that is not here, which a machine may name and a person may not', async () => {
    const machine: Actor = { kind: 'client', id: 'registry', requestId: 'test' };
    expect((await send(to('never-was'), { actor: machine })).ok).toBe(true);
    expect(a.refusedBy(await send(to('never-was')))).toBe('known-people');
  });

  test('a draft may name it; sending is what is refused', async () => {
    const draft = await send(to('full'), { more: { status: 'draft' } });
    expect(draft.ok).toBe(true);
    const task = a.parsed<Resource>(await http.store.read('Task', `r${made}`));
    expect(a.refusedBy(await a.tryPut(http.store, a.coordinator, { ...task, status: 'requested' }))).toBe(
      'referral-capacity',
    );
  });

  test('reads the codes of the guide and of the version before it, and no others', () => {
    const said = (code: string | undefined) => capacityOf(service('x', code) as Resource & r4.HealthcareService);
    expect(
      ['capacity', 'no-capacity', 'waitlist', 'no-capacity-has-waitlist', 'additional-assessment-required'].map(said),
    ).toEqual(['has-capacity', 'none', 'none-but-waitlist', 'none-but-waitlist', 'more-assessment-needed']);
    expect([said('toString'), said(undefined)]).toEqual([undefined, undefined]);
  });
});

test('D9 a child on a waiting list is asked about every month, as long as the child waits', async () => {
  const asks = { reference: 'Practitioner/asks' };
  await send(to('waiting'), { more: { requester: asks } });
  const id = `r${made}`;
  const move = async (state: Parameters<typeof statusFor>[0]) => {
    const { businessStatus: _was, ...task } = a.parsed<Resource>(await http.store.read('Task', id));
    await a.put(http.store, a.coordinator, { ...task, ...statusFor(state) } as Resource);
  };
  const checks = async (): Promise<Resource[]> => {
    const job = { kind: 'care.escalate', key: 'all', payload: {}, attempt: 1 };
    expect((await escalateOverdue.run(job, { store: http.store, log: http.log, clock })).ok).toBe(true);
    const { json } = await http.send('GET', `/fhir/Task?focus=Task/${id}&_sort=_lastUpdated`);
    return (json.entry ?? []).map(({ resource }: any) => resource);
  };
  const later = (days: number) => {
    now.at = new Date(now.at.getTime() + days * 86_400_000);
  };
  await move('waitlisted');
  later(29);
  expect(await checks()).toHaveLength(0);
  later(2);
  const [first, ...none] = await checks();
  expect(none).toEqual([]);
  expect(first).toMatchObject({ owner: asks, description: expect.stringMatching(/waiting list/) });
  later(5);
  await a.put(http.store, a.coordinator, { ...first, status: 'completed' } as Resource);
  // Written again without moving: the month goes on.
  const task = a.parsed<Resource>(await http.store.read('Task', id));
  await a.put(http.store, a.coordinator, { ...task, description: 'Respite, weekends' });
  later(29);
  expect(await checks()).toHaveLength(1);
  later(2);
  const second = await checks();
  expect(second.map(({ status }) => status)).toEqual(['completed', 'requested']);
  await move('accepted');
  expect((await checks()).map(({ status }) => status)).toEqual(['completed', 'completed']);
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Actor } from '../../../src/store/types.ts';
import * as a from '../support/child.ts';
import { openPrograms, type Programs } from './town.ts';

let at: Programs;
beforeAll(async () => {
  at = await openPrograms();
});
afterAll(() => at.close());

const canonical = 'http://careweave.org/fhir';
const code = (name: string) => ({ coding: [{ system: `${canonical}/CodeSystem/care-task`, code: name }] });
const task = (id: string, child: string, more: object) => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'plan',
  for: { reference: `Patient/${child}` },
  ...more,
});
const user = (id: string): Actor => ({ kind: 'user', id, requestId: 'test' });
const why = ({ json }: { json: any }) => json.issue?.[0]?.diagnostics ?? json.issue?.[0]?.details?.text;
const days = (n: number) => {
  at.now.at = new Date(at.now.at.getTime() + n * 86_400_000);
};
const read = (id: string) => at.resource('Task', id);

describe('S4.25 outreach', () => {
  test('S4.25 overlapping outreach Tasks of the same type in 7 days collapse to one', async () => {
    const child = await at.child();
    const call = (id: string, more: object = {}) => task(id, child, { code: code('outreach-call'), ...more });
    await at.put(call('first'));
    days(6);
    await at.put(call('second'));
    expect(await read('second')).toMatchObject({
      status: 'cancelled',
      statusReason: { coding: [{ code: 'same-outreach' }] },
      partOf: [{ reference: 'Task/first' }],
    });
    await at.put(task('letter', child, { code: code('outreach-letter') }));
    expect((await read('letter')).status).toBe('requested');
    await at.put(task('elsewhere', await at.child(), { code: code('outreach-call') }));
    expect((await read('elsewhere')).status).toBe('requested');
    days(2);
    await at.put(call('week-later'));
    expect((await read('week-later')).status).toBe('requested');
  });

  test('S4.25 two in one transaction, and two at one moment, collapse; a closed one holds nobody back', async () => {
    const child = await at.child();
    const visit = (id: string, more: object = {}) => task(id, child, { code: code('outreach-visit'), ...more });
    await at.put(visit('a'), visit('b'));
    expect([(await read('a')).status, (await read('b')).status]).toEqual(['requested', 'cancelled']);
    await at.put({ ...(await read('a')), status: 'completed' });
    await Promise.all([at.put(visit('c')), at.put(visit('d'))]);
    expect([(await read('c')).status, (await read('d')).status].sort()).toEqual(['cancelled', 'requested']);
  });
});

describe('S4.15 warm hand-off', () => {
  const handOff = (id: string, child: string, more: object = {}) =>
    task(id, child, {
      code: code('warm-hand-off'),
      requester: { reference: 'Practitioner/pcp' },
      owner: { reference: 'PractitionerRole/gus-regional' },
      ...more,
    });
  const confirm = (id: string, party: string) => at.post(`Task/${id}/$confirm-hand-off`, { party });
  const confirmation = (by: string) => ({
    url: `${canonical}/StructureDefinition/hand-off-confirmation`,
    extension: [
      { url: 'by', valueReference: { reference: by } },
      { url: 'at', valueInstant: '2026-05-01T10:00:00Z' },
    ],
  });

  test('S4.15 needs both parties confirmed, each by themselves', async () => {
    const child = await at.child();
    const lonely = await a.tryPut(at.store, a.coordinator, handOff('h0', child, { owner: undefined }) as never);
    expect(a.refusedBy(lonely)).toBe('warm-hand-off');
    await at.put(handOff('h1', child));
    const complete = await a.tryPut(at.store, a.coordinator, { ...(await read('h1')), status: 'completed' });
    expect(a.refusedBy(complete)).toBe('warm-hand-off');
    const forOther = { ...(await read('h1')), extension: [confirmation('PractitionerRole/gus-regional')] };
    expect(a.refusedBy(await a.tryPut(at.store, user('Practitioner/pcp'), forOther))).toBe('warm-hand-off');
    expect((await a.tryPut(at.store, user('Practitioner/gus'), forOther)).ok).toBe(true);
    const taken = { ...(await read('h1')), extension: undefined };
    expect(a.refusedBy(await a.tryPut(at.store, user('Practitioner/gus'), taken))).toBe('warm-hand-off');
    expect((await confirm('h1', 'Practitioner/stranger')).status).toBe(422);
    expect((await read('h1')).status).toBe('requested');
    const both = await confirm('h1', 'Practitioner/pcp');
    expect([both.status, both.json.status]).toEqual([200, 'completed']);
    expect((await read('h1')).status).toBe('completed');
  });

  test('S4.15 3 of 4 fixture enrolments by hand-off reports 75 %', async () => {
    at.now.at = new Date('2026-05-20T12:00:00Z');
    for (let n = 0; n < 4; n += 1) {
      const child = await at.child();
      const answer = await at.post(`Patient/${child}/$enroll`, {
        program: 'HealthcareService/embedded',
        status: 'active',
        careManager: 'PractitionerRole/gus-embedded',
        consent: `Consent/yes-${child}`,
      });
      await at.put(handOff(`e${n}`, child, { focus: { reference: `EpisodeOfCare/${answer.json.id}` } }));
      await confirm(`e${n}`, 'Practitioner/pcp');
      if (n < 3) await confirm(`e${n}`, 'PractitionerRole/gus-regional');
    }
    const { json } = await at.send('GET', '/fhir/HealthcareService/embedded/$program-report?start=2026-05-01');
    const part = (name: string) => json.parameter[0].part.find((one: any) => one.name === name);
    expect([part('enrolled').valueInteger, part('byWarmHandOff').valueInteger, part('percent').valueDecimal]).toEqual([
      4, 3, 75,
    ]);
  });
});

describe('S4.8 notice and receipt', () => {
  test('S4.8 the notice is sent with the enrollment and its receipt recorded, by the recipient and once', async () => {
    const child = await at.child();
    await at.post(`Patient/${child}/$enroll`, {
      program: 'HealthcareService/regional',
      status: 'active',
      careManager: 'PractitionerRole/gus-regional',
      consent: `Consent/yes-${child}`,
    });
    const [{ resource: notice }] = (await at.send('GET', `/fhir/Communication?subject=Patient/${child}`)).json.entry;
    expect(notice.sent).toBe(at.now.at.toISOString());
    const put = (who: Actor, more: object) => a.tryPut(at.store, who, { ...notice, ...more });
    const pcp = user('Practitioner/pcp');
    expect(a.refusedBy(await put(pcp, { status: 'completed' }))).toBe('enrollment-notice');
    expect(a.refusedBy(await put(pcp, { sent: '2026-01-01T00:00:00Z' }))).toBe('enrollment-notice');
    const received = { status: 'completed', received: '2026-06-30T00:00:00Z' };
    expect(a.refusedBy(await put(user('Practitioner/gus'), received))).toBe('enrollment-notice');
    expect(a.refusedBy(await put(pcp, { ...received, received: '2026-01-01T00:00:00Z' }))).toBe('enrollment-notice');
    days(1);
    const read = await at.send('POST', `/fhir/Communication/${notice.id}/$acknowledge`, {
      body: { resourceType: 'Parameters' },
    });
    expect(read.json).toMatchObject({ status: 'completed', received: at.now.at.toISOString() });
    expect(a.refusedBy(await put(pcp, { ...read.json, received: undefined, status: 'in-progress' }))).toBe(
      'enrollment-notice',
    );
    expect(
      why(await at.send('POST', '/fhir/Communication/no-such/$acknowledge', { body: { resourceType: 'Parameters' } })),
    ).toMatch(/no such message/);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import { statusFor } from '../../../src/care/referral/canonical-state.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';
import { enlist } from '../support/people.ts';

const { checks, effects, conclusions } = createCare({ clock: systemClock }).module;
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks, effects, conclusions });
  await a.put(at.store, a.coordinator, a.request('food', 'Food pantry'), a.request('other', 'Other'));
});
afterAll(() => at.drop());

const here = (resource: ReturnType<typeof a.task>) => a.tryPut(at.store, a.coordinator, resource);
const focus = { focus: { reference: 'ServiceRequest/food' } };
const fulfill = { code: { coding: [{ system: 'http://hl7.org/fhir/CodeSystem/task-code', code: 'fulfill' }] } };

describe('referral-task-complete', () => {
  test.each([
    ['without a focus', fulfill],
    ['without the child', { ...focus, for: undefined }],
    ['for another child than the request', { ...focus, for: { reference: 'Patient/other' } }],
  ])('refuses a fulfilling Task %s', async (_, more) => {
    expect(a.refusedBy(await here(a.task('refused', 'x', more)))).toBe('referral-task-complete');
  });

  test('PP-51 refuses a request of another child and one that is not here in the same words', async () => {
    const tryFocus = (id: string) =>
      here(a.task('probe', 'x', { focus: { reference: `ServiceRequest/${id}` }, for: { reference: 'Patient/other' } }));
    const [foreign, absent] = [await tryFocus('food'), await tryFocus('never-was')];
    expect(foreign.ok).toBe(false);
    expect(foreign).toEqual(absent);
  });

  test('takes request and Task together, in any order; and what was sent moves on when its request is deleted', async () => {
    const sent = (more: object = {}) =>
      a.task('together', 'x', { focus: { reference: 'ServiceRequest/late' }, ...more });
    const both = await at.store.transact(a.coordinator, async (tx) => {
      const written = await tx.update(sent());
      return written.ok ? tx.update(a.request('late', 'Later')) : written;
    });
    expect(both.ok).toBe(true);
    await at.store.transact(a.correcting, (tx) => tx.delete('ServiceRequest', 'late'));
    expect((await here(sent({ status: 'entered-in-error', statusReason: { text: 'Written by mistake' } }))).ok).toBe(
      true,
    );
  });

  test('leaves ordinary Tasks alone', async () => {
    expect((await here(a.task('ordinary', 'Call school', { for: undefined }))).ok).toBe(true);
  });
});

describe('referral-sent-is-fixed', () => {
  const sent = { ...focus, requester: { reference: 'Practitioner/1' } };

  test.each([
    ['requester', { requester: { reference: 'Practitioner/2' } }],
    ['focus', { focus: { reference: 'ServiceRequest/other' } }],
    ['basedOn', { basedOn: [{ reference: 'ServiceRequest/other' }] }],
    ['partOf', { partOf: [{ reference: 'Task/other' }] }],
  ])('refuses another %s after sending', async (element, more) => {
    await here(a.task(`sent-${element}`, 'x', sent));
    expect(a.refusedBy(await here(a.task(`sent-${element}`, 'x', { ...sent, ...more })))).toBe(
      'referral-sent-is-fixed',
    );
  });

  test('lets a draft be changed, and a sent one move on', async () => {
    await here(a.task('draft', 'x', { ...sent, status: 'draft' }));
    const changed = { ...sent, requester: { reference: 'Practitioner/2' } };
    expect((await here(a.task('draft', 'x', changed))).ok).toBe(true);
    for (const status of ['requested', 'accepted']) {
      expect((await here(a.task('draft', 'x', { ...changed, status, owner: { display: 'Pantry' } }))).ok).toBe(true);
    }
  });
});

describe('referral-sent-is-fixed: the owner', () => {
  const role = (id: string, organization: string) => ({
    ...{ resourceType: 'PractitionerRole', id, practitioner: { reference: `Practitioner/${id}` } },
    organization: { reference: `Organization/${organization}` },
  });
  beforeAll(async () => {
    const service = {
      resourceType: 'HealthcareService',
      id: 'heart',
      providedBy: { reference: 'Organization/hospital' },
    };
    const people = ['nurse', 'other', 'nobody'].map((one) => `Practitioner/${one}`);
    await enlist(at.store, 'Organization/hospital', 'Organization/elsewhere', ...people);
    await a.put(at.store, a.coordinator, role('nurse', 'hospital'), role('other', 'elsewhere'), service);
  });
  let made = 0;
  const passOn = async (from: object | undefined, to: object | undefined, status = 'requested') => {
    made += 1;
    await here(a.task(`passed-${made}`, 'x', { ...focus, status, owner: from }));
    return here(a.task(`passed-${made}`, 'x', { ...focus, status, owner: to }));
  };
  const who = (reference: string) => ({ reference });

  test.each([
    ['another organization', who('Organization/hospital'), who('Organization/elsewhere')],
    ['somebody of another organization', who('Practitioner/nurse'), who('Practitioner/other')],
    ['somebody who works nowhere', who('Organization/hospital'), who('Practitioner/nobody')],
    ['nobody', who('Organization/hospital'), undefined],
  ])('D9 refuses to pass it on to %s', async (_, from, to) => {
    expect(a.refusedBy(await passOn(from, to))).toBe('referral-sent-is-fixed');
  });

  test('D9 lets it go to a colleague, to whoever takes what was nobody’s, and anywhere while it is a draft', async () => {
    for (const to of ['Practitioner/nurse', 'PractitionerRole/nurse', 'HealthcareService/heart'])
      expect((await passOn(who('Organization/hospital'), who(to))).ok).toBe(true);
    expect((await passOn(undefined, who('Organization/hospital'))).ok).toBe(true);
    expect((await passOn(who('Organization/hospital'), who('Organization/elsewhere'), 'draft')).ok).toBe(true);
  });
});

describe('referral-output', () => {
  const gravity = 'http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes';
  const enrollment = (id: string, code: string, more: object = {}) => ({
    ...{ resourceType: 'Observation', id, status: 'final', code: { text: 'WIC' }, subject: a.child },
    valueCodeableConcept: { coding: [{ system: gravity, code }] },
    ...more,
  });
  const result = (reference: string) => ({ type: { text: 'Enrollment status' }, valueReference: { reference } });
  const accepted = async (id: string) => {
    await here(a.task(id, 'WIC', { ...focus, status: 'accepted' }));
    return (status: string, ...output: object[]) => here(a.task(id, 'WIC', { ...focus, status, output }));
  };
  beforeAll(() =>
    a.put(
      at.store,
      a.coordinator,
      enrollment('foreign', 'enrolled', { subject: { reference: 'Patient/other' } }),
      enrollment('waits', 'not-enrolled-on-waitlist'),
      enrollment('enrolled', 'enrolled'),
    ),
  );

  test('PP-51 refuses a result of another child and one that is not here in the same words', async () => {
    const say = await accepted('wic-1');
    const [foreign, absent] = [
      await say('completed', result('Observation/foreign')),
      await say('completed', result('Observation/never-was')),
    ];
    expect(foreign.ok).toBe(false);
    expect(foreign).toEqual(absent);
  });

  test('D9 a child on the waiting list of a program is not done with; enrolled, the referral is completed', async () => {
    const say = await accepted('wic-2');
    expect(a.refusedBy(await say('completed', result('Observation/waits')))).toBe('referral-output');
    const waits = { ...focus, ...statusFor('waitlisted'), output: [result('Observation/waits')] };
    expect((await here(a.task('wic-2', 'WIC', waits))).ok).toBe(true);
    const say3 = await accepted('wic-3');
    expect((await say3('completed', result('Observation/waits'), result('Observation/enrolled'))).ok).toBe(true);
  });

  test('takes words, results elsewhere, and what was named before and is gone', async () => {
    const say = await accepted('wic-4');
    const words = { type: { text: 'Result' }, valueString: 'Enrolled' };
    const elsewhere = result('https://wic.example.org/fhir/Observation/1');
    await a.put(at.store, a.coordinator, enrollment('gone', 'enrolled'));
    expect((await say('accepted', words, elsewhere, result('Observation/gone'))).ok).toBe(true);
    await at.store.transact(a.coordinator, (tx) => tx.delete('Observation', 'gone'));
    expect((await say('completed', words, elsewhere, result('Observation/gone'))).ok).toBe(true);
  });
});

describe('referral-move', () => {
  const requester = { kind: 'user', id: 'Practitioner/asks', requestId: 'test' } as const;
  const performer = { ...requester, id: 'Practitioner/does' };
  const mother = { ...requester, id: 'RelatedPerson/mother' };
  const parties = { requester: { reference: requester.id }, owner: { reference: performer.id } };
  const referral = (id: string, more: object) => a.task(id, 'x', { ...focus, ...parties, ...more });
  const business = (code: string) => ({
    businessStatus: { coding: [{ system: 'http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS', code }] },
  });
  const statusReason = { text: 'No place for a child of this age' };
  beforeAll(() => enlist(at.store, requester.id, performer.id));
  const says = async (result: Awaited<ReturnType<typeof here>>) => (result.ok ? 'ok' : result.error.issues[0]?.text);

  test.each(['completed', 'cancelled', 'failed', 'rejected'])('D9 refuses to re-open what is %s', async (status) => {
    await here(referral(`closed-${status}`, { status, statusReason }));
    const reopened = referral(`closed-${status}`, { status: 'in-progress', statusReason });
    expect(a.refusedBy(await here(reopened))).toBe('referral-move');
    const mistaken = referral(`closed-${status}`, { status: 'entered-in-error', statusReason });
    expect((await here(mistaken)).ok).toBe(true);
  });

  test('D9 refuses to send again under its name what was deleted after it was over', async () => {
    await here(referral('over', { status: 'rejected', statusReason }));
    const machine = { kind: 'client', id: 'loader', requestId: 'test' } as const;
    expect((await at.store.transact(machine, (tx) => tx.delete('Task', 'over'))).ok).toBe(true);
    const again = (status: string) => a.tryPut(at.store, machine, referral('over', { status, statusReason }));
    expect(a.refusedBy(await again('requested'))).toBe('referral-move');
    expect((await again('rejected')).ok).toBe(true);
    // And deleted and sent again within one transaction.
    const anew = await at.store.transact(machine, async (tx) => {
      await tx.delete('Task', 'over');
      return tx.update(referral('over', { status: 'requested' }));
    });
    expect(a.refusedBy(anew)).toBe('referral-move');
  });

  test('D9 names from, to and who may: a requester does not accept for who was asked', async () => {
    await here(referral('asked', { status: 'requested' }));
    const accepted = referral('asked', { status: 'accepted' });
    expect(await says(await a.tryPut(at.store, requester, accepted))).toBe(
      'referral-move: A referral that is sent does not become accepted by its requester or a member of staff. That is for its performer.',
    );
    expect((await a.tryPut(at.store, performer, accepted)).ok).toBe(true);
    const acknowledged = {
      coding: [{ system: 'http://careweave.org/fhir/CodeSystem/referral-status', code: 'requester-acknowledged' }],
    };
    const done = referral('asked', { status: 'completed', ...business('7.0') });
    expect((await a.tryPut(at.store, performer, done)).ok).toBe(true);
    const unseen = referral('asked', { status: 'completed', businessStatus: acknowledged });
    expect(a.refusedBy(await a.tryPut(at.store, requester, unseen))).toBe('referral-outcome-reviewed');
    const output = [{ type: { text: 'Report' }, valueString: 'The murmur is innocent' }];
    const closed = { ...unseen, output };
    expect(a.refusedBy(await a.tryPut(at.store, performer, closed))).toBe('referral-move');
    expect((await a.tryPut(at.store, requester, closed)).ok).toBe(true);
  });

  test('D9 a family withdraws, which who does the work confirms; it does not cancel by itself', async () => {
    await here(referral('withdrawn', { status: 'in-progress', ...business('5.1.1') }));
    const cancelled = referral('withdrawn', { status: 'cancelled', ...business('6.0'), statusReason });
    expect(a.refusedBy(await a.tryPut(at.store, mother, cancelled))).toBe('referral-move');
    const asked = referral('withdrawn', { status: 'in-progress', ...business('5.2'), statusReason });
    expect((await a.tryPut(at.store, mother, asked)).ok).toBe(true);
    expect((await a.tryPut(at.store, performer, cancelled)).ok).toBe(true);
  });

  test('D9 no state in two minds, no end without a reason, no reason without words', async () => {
    const twofold = referral('twofold', { status: 'accepted', ...business('5.1.1') });
    expect(a.refusedBy(await here(twofold))).toBe('referral-move');
    for (const status of ['rejected', 'cancelled', 'failed'])
      expect(await says(await here(referral('mute', { status })))).toMatch(/says why/);
    const coded = { statusReason: { coding: [{ code: 'x' }] } };
    expect(await says(await here(referral('mute', { status: 'rejected', ...coded })))).toMatch(/in words/);
  });

  test('what the sync brings from a hospital is as the hospital has it', async () => {
    const sync = { kind: 'system', id: 'ehr', requestId: 'test' } as const;
    await a.tryPut(at.store, sync, referral('mirror', { status: 'completed' }));
    expect((await a.tryPut(at.store, sync, referral('mirror', { status: 'in-progress' }))).ok).toBe(true);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

const { checks, conclusions } = createCare({ clock: systemClock }).module;
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks, conclusions });
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
    await at.store.transact(a.coordinator, (tx) => tx.delete('ServiceRequest', 'late'));
    expect((await here(sent({ status: 'cancelled' }))).ok).toBe(true);
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

  test.each(['completed', 'cancelled', 'failed', 'rejected'])('refuses to re-open what is %s', async (status) => {
    await here(a.task(`closed-${status}`, 'x', { ...sent, status }));
    const reopened = a.task(`closed-${status}`, 'x', { ...sent, status: 'in-progress' });
    expect(a.refusedBy(await here(reopened))).toBe('referral-sent-is-fixed');
    expect((await here(a.task(`closed-${status}`, 'x', { ...sent, status: 'entered-in-error' }))).ok).toBe(true);
  });

  test('lets a draft be changed, and a sent one move on', async () => {
    await here(a.task('draft', 'x', { ...sent, status: 'draft' }));
    const changed = { ...sent, requester: { reference: 'Practitioner/2' } };
    expect((await here(a.task('draft', 'x', changed))).ok).toBe(true);
    expect(
      (await here(a.task('draft', 'x', { ...changed, status: 'accepted', owner: { display: 'Pantry' } }))).ok,
    ).toBe(true);
  });
});

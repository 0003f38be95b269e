import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import { type CanonicalState, statusFor } from '../../../src/care/referral/canonical-state.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

const { checks, conclusions } = createCare({ clock: systemClock }).module;
let at: TestStore;
beforeAll(async () => {
  at = await createTestStore({ checks, conclusions });
});
afterAll(() => at.drop());

let made = 0;
async function request(more: object = {}): Promise<string> {
  made += 1;
  await a.put(at.store, a.syncActor, { ...a.request(`r${made}`, 'Food', { status: 'draft' }), ...more });
  return `r${made}`;
}
/** Takes a Task of the request through states, one after another. */
async function go(requestId: string, states: readonly CanonicalState[], id = `t-${requestId}`): Promise<void> {
  const focus = { reference: `ServiceRequest/${requestId}` };
  for (const state of states)
    await a.put(
      at.store,
      a.coordinator,
      a.task(id, 'x', { focus, statusReason: { text: 'Because' }, note: [{ text: 'Seen' }], ...statusFor(state) }),
    );
}
const statusOf = async (id: string) => a.parsed<Resource>(await at.store.read('ServiceRequest', id)).status;

describe('D9 the request follows its Task', () => {
  test.each([
    ['active', ['draft', 'sent']],
    ['active', ['sent', 'accepted', 'scheduled', 'visit-done', 'completed']],
    ['completed', ['sent', 'accepted', 'completed', 'loop-closed']],
    ['on-hold', ['sent', 'waitlisted']],
    ['active', ['sent', 'waitlisted', 'accepted']],
    ['active', ['sent', 'declined']],
    ['active', ['sent', 'accepted', 'failed']],
    ['revoked', ['sent', 'cancelled']],
    ['draft', ['draft']],
  ] as const)('D9 it is %s after %j', async (status, states) => {
    const id = await request();
    await go(id, states);
    expect(await statusOf(id)).toBe(status);
  });

  test('D9 a hospital’s own request is left as the hospital has it', async () => {
    const mirror = a.mirrored(a.request('theirs', 'Food'));
    await a.put(at.store, a.syncActor, mirror);
    await go('theirs', ['sent', 'waitlisted']);
    expect(await statusOf('theirs')).toBe('active');
  });

  test('D9 a closed request is not opened again, and one that another Task still serves is not revoked', async () => {
    const closed = await request({ status: 'revoked' });
    await go(closed, ['sent', 'accepted']);
    expect(await statusOf(closed)).toBe('revoked');
    const shared = await request();
    await go(shared, ['sent', 'accepted'], 'first-try');
    await go(shared, ['sent', 'cancelled'], 'second-try');
    expect(await statusOf(shared)).toBe('active');
    await go(shared, ['cancel-requested', 'cancelled'], 'first-try');
    expect(await statusOf(shared)).toBe('revoked');
  });

  test('D9 history that comes with a Task is not done to the request', async () => {
    const id = await request({ status: 'active' });
    await go(id, ['loop-closed']);
    expect(await statusOf(id)).toBe('active');
  });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import { createCare } from '../../../src/care/care.ts';
import { createTestStore, type TestStore } from '../../support/database.ts';
import * as a from '../support/child.ts';

/**
 * A transaction holds a connection. If its rules waited for the policy to be looked up over another one, as many transactions as there are
 * connections would wait for each other.
 */
let at: TestStore;
beforeAll(async () => {
  const neverAnswered = () => new Promise<undefined>(() => {});
  at = await createTestStore({
    ...createCare({ clock: systemClock, policy: neverAnswered, policyHere: () => undefined }).module,
  });
  await a.put(at.store, a.coordinator, a.patient, { resourceType: 'Organization', id: 'pantry', name: 'A pantry' });
});
afterAll(() => at.drop());

test('what is sent to an organization is judged by the policy that the transaction began with', async () => {
  await a.put(at.store, a.coordinator, {
    ...a.task('given', 'Bring a box'),
    owner: { reference: 'Organization/pantry' },
  });
  expect((await at.store.read('Task', 'given'))?.json).toContain('Organization/pantry');
});

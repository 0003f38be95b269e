import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ok } from '../../src/base/errors.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';

let at: TestStore;
beforeAll(async () => {
  at = await createTestStore();
});
afterAll(() => at.drop());

test('jobs for a later time are told apart from those that wait for a worker', async () => {
  await at.store.transact(testActor, async (tx) => {
    await tx.enqueue({ kind: 'test', key: 'now', runAt: new Date(Date.now() - 60_000) });
    await tx.enqueue({ kind: 'test', key: 'tomorrow', runAt: new Date(Date.now() + 86_400_000) });
    await tx.enqueue({ kind: 'test', key: 'next week', runAt: new Date(Date.now() + 7 * 86_400_000) });
    return ok(undefined);
  });
  const { body } = await createMetrics(at.store).text();
  expect(body.match(/^careweave_jobs.*$/gm)?.sort()).toEqual([
    'careweave_jobs{kind="test",state="ready"} 1',
    'careweave_jobs{kind="test",state="scheduled"} 2',
  ]);
});

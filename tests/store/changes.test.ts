import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ok } from '../../src/base/errors.ts';
import { type ChangePosition, changesAfter, feedStart, type LoggedChange } from '../../src/store/changes.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';

let home: TestStore;
beforeAll(async () => {
  home = await createTestStore();
});
afterAll(() => home.drop());

/** Changes show once every older transaction of the whole cluster has ended, those of other test files included. */
async function firstChanges(from: ChangePosition): Promise<LoggedChange[]> {
  for (;;) {
    const found = await changesAfter(home.store, from, 1);
    if (found.length > 0) return found;
    await home.store.query('SELECT pg_sleep(0.01)');
  }
}

test('a transaction that commits late is not stepped over, and nothing is shown twice', async () => {
  const { store } = home;
  const write = (id: string) => store.transact(testActor, (tx) => tx.update({ resourceType: 'Patient', id }));
  await write('first');
  const early = await firstChanges(feedStart);
  expect(early).toMatchObject([{ type: 'Patient', id: 'first', version: 1, outcome: 'created', patientId: 'first' }]);
  const position = early[0]?.position ?? feedStart;

  await store.transact<void>(testActor, async (tx) => {
    await tx.update({ resourceType: 'Patient', id: 'slow' });
    // A statement of its own sends what waits to be written.
    await tx.query('SELECT 1');
    await write('fast');
    expect(await changesAfter(store, position, 10)).toEqual([]);
    return ok(undefined);
  });
  const ids: string[] = [];
  let from = position;
  while (ids.length < 2) {
    for (const change of await firstChanges(from)) {
      ids.push(change.id);
      from = change.position;
    }
  }
  expect(ids).toEqual(['slow', 'fast']);
});

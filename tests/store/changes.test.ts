import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ok } from '../../src/base/errors.ts';
import { changesAfter, feedStart } from '../../src/store/changes.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';

let home: TestStore;
beforeAll(async () => {
  home = await createTestStore();
});
afterAll(() => home.drop());

test('a transaction that commits late is not stepped over, and nothing is shown twice', async () => {
  const { store } = home;
  const write = (id: string) => store.transact(testActor, (tx) => tx.update({ resourceType: 'Patient', id }));
  await write('first');
  const early = await changesAfter(store, feedStart, 10);
  expect(early).toMatchObject([{ type: 'Patient', id: 'first', version: 1, outcome: 'created', patientId: 'first' }]);
  const position = early[0]?.position ?? feedStart;

  await store.transact<void>(testActor, async (tx) => {
    await tx.update({ resourceType: 'Patient', id: 'slow' });
    await write('fast');
    expect(await changesAfter(store, position, 10)).toEqual([]);
    return ok(undefined);
  });
  const ids: string[] = [];
  let from = position;
  for (let page = await changesAfter(store, from, 1); page[0]; page = await changesAfter(store, from, 1)) {
    ids.push(page[0].id);
    from = page[0].position;
  }
  expect(ids).toEqual(['slow', 'fast']);
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ok } from '../../src/base/errors.ts';
import { limits } from '../../src/base/limits.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { seesAll, type Visibility } from '../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';

let home: TestStore;
const hidden = limits.history.looks * limits.history.lookCount + 150;
const goal = (id: string, child: string, text: string): Resource => ({
  resourceType: 'Goal',
  id,
  lifecycleStatus: 'active',
  description: { text },
  subject: { reference: `Patient/${child}` },
});

/** A goal that was long about another child, and is this child's now; and one that always was. */
beforeAll(async () => {
  home = await createTestStore();
  const written = await home.store.transact(testActor, async (tx) => {
    await tx.update(goal('old', 'child-a', 'first'));
    for (let n = 0; n < hidden; n++) {
      const made = await tx.update(goal('moved', 'child-b', String(n)));
      if (!made.ok) return made;
    }
    await tx.update(goal('moved', 'child-a', 'last'));
    return ok(undefined);
  });
  expect(written.ok).toBe(true);
});
afterAll(() => home.drop());

const walk = async (visibility: Visibility, count: number) => {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await home.store.historyOf(
      { types: ['Goal'], count, ...(cursor !== undefined && { cursor }) },
      visibility,
    );
    if (!page.ok) throw new Error('refused');
    pages.push(page.value.versions.map(({ id, version }) => `${id} ${version}`));
    cursor = page.value.next;
  } while (cursor !== undefined);
  return pages;
};

test('a page ends where its looks end, goes on by its link, and misses nothing', async () => {
  const onlyA: Visibility = { kind: 'limited', grants: [{ types: 'any', patients: ['child-a'] }] };
  const pages = await walk(onlyA, 20);
  expect(pages).toEqual([[`moved ${hidden + 1}`], ['old 1']]);
});

test('who may see everybody gets full pages', async () => {
  const pages = await walk(seesAll, 500);
  expect(pages.flat()).toHaveLength(hidden + 2);
  expect(pages.slice(0, -1).every((page) => page.length === 500)).toBe(true);
});

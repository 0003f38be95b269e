import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fail, ok } from '../../src/base/errors.ts';
import type { Presumption, Tx } from '../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';

const lockOf = (name: string) => `rare:${name}`;
const rare: Presumption = {
  name: 'rare',
  text: `SELECT FROM server_setting WHERE name = ANY ((SELECT $1::text[])::text[])`,

  lock: lockOf,
};

let home: TestStore;
/** What each try of a transaction went by, by the text of its record. */
const tries: Record<string, boolean[]> = {};
beforeAll(async () => {
  home = await createTestStore({
    conclusions: [
      {
        name: 'test-rare',
        async conclude(changes, tx) {
          for (const { after } of changes) {
            const { text = '' } = Object(after?.code);
            const [key = '', label = key] = text.split(' ');
            const isPresumed = tx.presumesNone(rare, [key]);
            tries[label] = [...(tries[label] ?? []), isPresumed];
            if (!isPresumed) await look(tx, key);
          }
          return ok(undefined);
        },
      },
    ],
  });
});
afterAll(() => home.drop());

/** The long way: under the lock, and counted where it is there. */
async function look(tx: Tx, key: string): Promise<void> {
  await tx.lock(lockOf(key));
  await tx.own.query(`UPDATE server_setting SET value = to_jsonb(value::text::integer + 1) WHERE name = $1`, [key]);
}

const flag = (text: string) =>
  home.store.transact(testActor, (tx) => tx.create({ resourceType: 'Flag', status: 'active', code: { text } }));
const begin = (name: string, meanwhile = async () => {}) =>
  home.store.transact(testActor, async (tx) => {
    await tx.lock(lockOf(name));
    // Whoever was there before is counted here, who comes later counts itself.
    await tx.own.query(
      `INSERT INTO server_setting (name, value)
       SELECT $1, to_jsonb(count(*)) FROM resource WHERE type = 'Flag' AND content::jsonb -> 'code' ->> 'text' = $1`,
      [name],
    );
    await meanwhile();
    return tx.create({ resourceType: 'Basic', code: { text: `other-${name}` } });
  });
async function somebodyWaits(): Promise<void> {
  const waiting = 'SELECT FROM pg_locks WHERE locktype = $1 AND NOT granted';
  while ((await home.pool.query(waiting, ['advisory'])).rowCount === 0);
}
const counted = async (name: string) =>
  (await home.pool.query('SELECT value FROM server_setting WHERE name = $1', [name])).rows[0]?.value;
const flags = async (text: string) =>
  (
    await home.pool.query(
      `SELECT content FROM resource WHERE type = 'Flag' AND content::jsonb -> 'code' ->> 'text' = $1`,
      [text],
    )
  ).rowCount;

describe('what a transaction presumes', () => {
  test('is found out with the commit: nothing has happened, and the work is done again by one who looks', async () => {
    await begin('there');
    expect((await flag('there')).ok).toBe(true);
    expect(tries.there).toEqual([true, false]);
    expect(await counted('there')).toBe(1);
    expect(await flags('there')).toBe(1);
  });

  test('is not presumed again of what was found', async () => {
    await begin('again');
    await flag('again first');
    await flag('again second');
    expect([tries.first, tries.second]).toEqual([[true, false], [false]]);
    expect(await counted('again')).toBe(2);
  });

  test('of one does not hold up those whose commit it shares', async () => {
    await begin('shared');
    const names = ['a', 'shared', 'b', 'c', 'd'];
    const written = await Promise.all(names.map(flag));
    expect(written.map((one) => one.ok)).toEqual(names.map(() => true));
    expect(await Promise.all(names.map(flags))).toEqual(names.map(() => 1));
    expect(await counted('shared')).toBe(1);
    expect(tries.a).toEqual([true]);
  });

  test('holds too in a transaction that has asked the database something', async () => {
    await begin('asked');
    const written = await home.store.transact(testActor, async (tx) => {
      await tx.own.query('SELECT 1');
      return tx.create({ resourceType: 'Flag', status: 'active', code: { text: 'asked' } });
    });
    expect(written.ok).toBe(true);
    expect(await counted('asked')).toBe(1);
    expect(tries.asked).toEqual([true, false]);
  });

  test('is asked before a refusal is told: who looks may be refused sooner, and for something else', async () => {
    const refused = (name: string) =>
      home.store.transact(testActor, async (tx) =>
        tx.presumesNone(rare, [name]) ? fail('conflict', 'a later rule') : fail('invalid', 'the rule that looks'),
      );
    await begin('refused');
    expect(await refused('refused')).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    expect(await refused('never there')).toMatchObject({ ok: false, error: { kind: 'conflict' } });
  });

  test('waits for whoever is about to make it', async () => {
    let flagged: ReturnType<typeof flag> | undefined;
    await begin('slow', async () => {
      flagged = flag('slow');
      await Promise.race([flagged, somebodyWaits()]);
    });
    expect((await flagged)?.ok).toBe(true);
    expect(await counted('slow')).toBe(1);
  });

  test('whoever makes it and whoever presumes it at that moment do not miss each other', async () => {
    const names = Array.from({ length: 24 }, (_, n) => `race${n}`);
    await Promise.all(names.flatMap((name) => [begin(name), flag(name)]));
    for (const name of names) {
      expect(await flags(name)).toBe(1);
      expect([name, await counted(name)]).toEqual([name, 1]);
    }
  });
});

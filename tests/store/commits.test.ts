import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { fail, ok, type Result } from '../../src/base/errors.ts';
import type { Tx, Written } from '../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';

let home: TestStore;
let trips = 0;
const refusedText =
  'INSERT INTO server_setting (name, value) SELECT g.name, g.value::jsonb FROM unnest($1::text[], $2::text[]) AS g (name, value)';
beforeAll(async () => {
  home = await createTestStore({
    effects: [
      {
        name: 'test-setting',
        types: ['Flag'],
        // A Flag may bring a line of its own along, or one that PostgreSQL refuses.
        apply: async ({ id, after }, tx) => {
          const code = JSON.stringify(after?.code ?? '');
          if (code.includes('line')) tx.atEnd(refusedText, [[`line ${id}`], ['1']], { isList: true });
          if (code.includes('taken')) tx.atEnd(refusedText, [['taken'], ['1']], { isList: true });
          return ok(undefined);
        },
      },
      {
        name: 'test-queue',
        types: ['Flag'],
        apply: async ({ patients: [child = 'none'] = [] }, tx) =>
          ok(await tx.enqueue({ kind: 'test', key: child, payload: { child } })),
      },
    ],
  });
  await home.pool.query(`INSERT INTO server_setting (name, value) VALUES ('taken', '0')`);
  await one('first');
  home.pool.on('acquire', counting());
});
afterAll(() => home.drop());

function counting(): (client: pg.PoolClient) => void {
  const counted = new WeakSet<pg.PoolClient>();
  return (client) => {
    if (counted.has(client)) return;
    counted.add(client);
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    Object.assign(client, {
      query: (...given: unknown[]) => {
        if (!String(given[0]).startsWith('NOTIFY')) trips += 1;
        return query(...given);
      },
    });
  };
}

const one = (text: string, child = 'a') =>
  home.store.transact(testActor, (tx) =>
    tx.create({ resourceType: 'Flag', status: 'active', code: { text }, subject: { reference: `Patient/${child}` } }),
  );
const idOf = (written: Result<Written>): string => {
  if (!written.ok) throw new Error(written.error.issues[0]?.text);
  return written.value.stored.id;
};
const isThere = async (id: string) => (await home.store.read('Flag', id)) !== undefined;
const eight = ['h', 'g', 'f', 'e', 'd', 'c', 'b', 'a'];

describe('transactions of one moment', () => {
  test('what one is refused for undoes that one only', async () => {
    const [good, bad, other] = await Promise.allSettled([one('plain'), one('taken'), one('line', 'b')]);
    expect([good?.status, bad?.status, other?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(bad).toMatchObject({ reason: { code: '23505' } });
    const flags = await home.pool.query(`SELECT content FROM resource WHERE type = 'Flag' AND content LIKE '%taken%'`);
    expect(flags.rows).toEqual([]);
    for (const done of [good, other]) {
      expect(done?.status === 'fulfilled' && (await isThere(idOf(done.value)))).toBe(true);
    }
  });

  test('one whose work answers an error writes nothing, and holds up nobody', async () => {
    const refused = home.store.transact(testActor, async (tx: Tx) => {
      await tx.create({ resourceType: 'Flag', id: 'never', code: { text: 'refused' } }, { id: 'never', isNew: true });
      return fail('invalid', 'no');
    });
    const [no, yes] = await Promise.all([refused, one('beside')]);
    expect([no.ok, yes.ok]).toEqual([false, true]);
    expect(await isThere('never')).toBe(false);
  });

  test('two with one id: one of them is there, and the other hears that it is taken', async () => {
    const make = () =>
      home.store.transact(testActor, (tx) =>
        tx.create({ resourceType: 'Flag', code: { text: 'same' } }, { id: 'same', isNew: true }),
      );
    const both = await Promise.all([make(), make()]);
    expect(both.filter((written) => written.ok)).toHaveLength(1);
  });

  test('each is whole: resource, log, job and what goes with the commit', async () => {
    const ids = (await Promise.all(eight.map((child) => one('line', child)))).map(idOf);
    const count = async (text: string, values: unknown[]) => Number((await home.pool.query(text, values)).rows[0].n);
    expect(await count('SELECT count(*) AS n FROM resource WHERE id = ANY ($1)', [ids])).toBe(8);
    expect(await count('SELECT count(*) AS n FROM change_log WHERE id = ANY ($1)', [ids])).toBe(8);
    const lines = ids.map((id) => `line ${id}`);
    expect(await count('SELECT count(*) AS n FROM server_setting WHERE name = ANY ($1)', [lines])).toBe(8);
    expect(await count(`SELECT count(*) AS n FROM job WHERE kind = 'test' AND key = ANY ($1)`, [eight])).toBe(8);
    const log = await home.pool.query(
      'SELECT actor_kind, actor_id, request_id, patient_id FROM change_log WHERE id = $1',
      [ids[0]],
    );
    expect(log.rows).toEqual([
      { actor_kind: testActor.kind, actor_id: testActor.id, request_id: testActor.requestId, patient_id: 'h' },
    ]);
  });

  test('they take one round trip together', async () => {
    const before = trips;
    expect((await Promise.all(eight.map((child) => one('together', child)))).every((written) => written.ok)).toBe(true);
    // Numbers for new rows may have to be fetched first.
    expect(trips - before).toBeLessThanOrEqual(2);
  });
});

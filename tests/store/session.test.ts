import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type pg from 'pg';
import { fail, ok, type Result } from '../../src/base/errors.ts';
import { limits } from '../../src/base/limits.ts';
import { runTogether } from '../../src/store/session/pipeline.ts';
import { textArray } from '../../src/store/session/wire-value.ts';
import type { Tx } from '../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';

let home: TestStore;
let trips = 0;
beforeAll(async () => {
  home = await createTestStore({
    effects: [
      {
        name: 'queue',
        types: ['Basic'],
        apply: async ({ id }, tx) => ok(await tx.enqueue({ kind: 'test', key: id })),
      },
    ],
  });
  const counted = new WeakSet<pg.PoolClient>();
  home.pool.on('acquire', (client) => {
    if (counted.has(client)) return;
    counted.add(client);
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    Object.assign(client, {
      query: (...given: unknown[]) => {
        if (!String(given[0]).startsWith('NOTIFY')) trips += 1;
        return query(...given);
      },
    });
  });
});
afterAll(() => home.drop());

const write = <T>(work: (tx: Tx) => Promise<Result<T>>) => home.store.transact(testActor, work);
const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.error.issues[0]?.text);
  return result.value;
};
/** Round trips to the database that a transaction takes, its notice to the workers left out. */
async function tripsOf(work: (tx: Tx) => Promise<Result<unknown>>): Promise<number> {
  const before = trips;
  value(await write(work));
  return trips - before;
}

describe('several statements in one round trip', () => {
  const client = async <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    const one = await home.pool.connect();
    try {
      return await work(one);
    } finally {
      one.release();
    }
  };
  const setting = (name: string) => home.pool.query('SELECT 1 FROM server_setting WHERE name = $1', [name]);
  const insert = (name: string) => ({
    text: `INSERT INTO server_setting (name, value) VALUES ($1, '1')`,
    values: [name],
    name: 'test-insert',
  });

  test('one that fails undoes those before it, though there was no BEGIN', async () => {
    const divide = { text: 'SELECT 1 / $1::integer', values: [0], name: 'test-divide' };
    await client(async (one) => {
      await expect(runTogether(one, [insert('undone'), divide, insert('never')])).rejects.toMatchObject({
        code: '22012',
      });
    });
    expect((await setting('undone')).rowCount).toBe(0);
    expect((await setting('never')).rowCount).toBe(0);
  });

  test('after a failure the connection is as good as before, and so are the names of its statements', async () => {
    await client(async (one) => {
      const divide = (by: number) => ({ text: 'SELECT 1 / $1::integer AS n', values: [by], name: 'divide-again' });
      const later = { text: 'SELECT 2 AS n', name: 'later' };
      await expect(runTogether(one, [divide(0), later])).rejects.toMatchObject({ code: '22012' });
      const answers = await runTogether(one, [divide(1), later]);
      expect(answers.map(({ rows }) => rows)).toEqual([[{ n: 1 }], [{ n: 2 }]]);
      await expect(runTogether(one, [{ text: 'SELECT nonsense', name: 'nonsense' }])).rejects.toMatchObject({
        code: '42703',
      });
      expect((await one.query({ text: 'SELECT 3 AS n', name: 'nonsense' })).rows).toEqual([{ n: 3 }]);
    });
  });

  test('a name that stands for another statement is refused before anything is sent', async () => {
    await client(async (one) => {
      await runTogether(one, [{ text: 'SELECT 4 AS n', name: 'taken-name' }]);
      await expect(runTogether(one, [insert('unsent'), { text: 'SELECT 5', name: 'taken-name' }])).rejects.toThrow(
        'one name',
      );
      expect((await runTogether(one, [{ text: 'SELECT 6 AS n' }]))[0]?.rows).toEqual([{ n: 6 }]);
    });
    expect((await setting('unsent')).rowCount).toBe(0);
  });

  test('texts of any content arrive as they were sent, in both forms of a list', async () => {
    const text = fc.string({ unit: 'grapheme' }).map((some) => some.toWellFormed().replaceAll('\u0000', ''));
    const odd = fc.constantFrom('NULL', 'null', '', '{}', '"', '\\', 'a,b', "'; --", '{"a":"\\"b"}');
    await client(async (one) => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(text, odd, fc.constant(null)), { maxLength: 8 }), async (items) => {
          const [answer] = await runTogether(one, [
            {
              text: 'SELECT $1::text[] AS plain, $2::text[] AS bytes',
              values: [items, textArray(items)],
              name: 'lists',
            },
          ]);
          expect(answer?.rows[0]).toEqual({ plain: items, bytes: items });
        }),
        { numRuns: 200 },
      );
    });
  });
});

describe('round trips of a transaction', () => {
  const create = (tx: Tx, id?: string) =>
    tx.create({ resourceType: 'Basic' }, id === undefined ? {} : { id, isNew: true });
  beforeAll(async () => {
    // Numbers for new rows are fetched many at a time; the first fetch is not counted.
    value(await write((tx) => create(tx)));
  });

  test('a create takes one: resource, index, change log and jobs together', async () => {
    expect(await tripsOf((tx) => create(tx))).toBeLessThanOrEqual(2);
    const counts = await Promise.all(Array.from({ length: 5 }, () => 0));
    for (const at of counts.keys()) counts[at] = await tripsOf((tx) => create(tx));
    // Numbers for new rows may have to be fetched in one of them.
    expect(Math.min(...counts)).toBe(1);
  });

  test('a hundred creates take no more than one', async () => {
    const hundred = async (tx: Tx) => {
      for (let at = 0; at < 100; at += 1) value(await tx.create({ resourceType: 'Flag' }));
      return ok(undefined);
    };
    const counts = [await tripsOf(hundred), await tripsOf(hundred), await tripsOf(hundred)];
    expect(Math.min(...counts)).toBe(1);
  });

  test('what a transaction has written it reads without asking, and nothing is sent for that', async () => {
    const readBack = async (tx: Tx) => {
      const { stored } = value(await create(tx));
      const read = await tx.read('Basic', stored.id);
      expect(read).toEqual(stored);
      expect(tx.changes.map(({ id, isNew }) => [id, isNew])).toEqual([[stored.id, true]]);
      return ok(undefined);
    };
    const counts = [await tripsOf(readBack), await tripsOf(readBack), await tripsOf(readBack)];
    expect(Math.min(...counts)).toBe(1);
  });

  test("what it has deleted reads as deleted, and an id that a caller named is nobody's own", async () => {
    value(await write((tx) => tx.update({ resourceType: 'Basic', id: 'read-back' })));
    value(
      await write(async (tx) => {
        value(await tx.delete('Basic', 'read-back'));
        expect(await tx.read('Basic', 'read-back')).toMatchObject({ deleted: true, version: 2, json: '' });
        value(await tx.update({ resourceType: 'Basic', id: 'read-back-named' }));
        expect(tx.changes.map(({ isNew }) => isNew)).toEqual([undefined, undefined]);
        return ok(undefined);
      }),
    );
  });

  test('a hundred updates take two: one that locks the rows, one that writes them', async () => {
    const ids = Array.from({ length: 100 }, (_, at) => `many-${at}`);
    const update = (language: string) => async (tx: Tx) => {
      await tx.hold(ids.map((id) => ({ type: 'Flag', id })));
      for (const id of ids) value(await tx.update({ resourceType: 'Flag', id, language }));
      return ok(undefined);
    };
    await tripsOf(update('aa'));
    const counts = [await tripsOf(update('bb')), await tripsOf(update('cc')), await tripsOf(update('dd'))];
    expect(Math.min(...counts)).toBe(2);
    const read = await home.store.read('Flag', 'many-99');
    expect(read).toMatchObject({ version: 4 });
    expect(
      value(await home.store.history('Flag', 'many-99', { count: 10 })).versions.map((one) => one.version),
    ).toEqual([4, 3, 2, 1]);
  });

  test('nothing to do takes none', async () => {
    const before = trips;
    await write(async () => ok(undefined));
    await write(async () => fail('invalid', 'no'));
    expect(trips).toBe(before);
  });
});

describe('what waits to be written', () => {
  test('is seen by every read of its own transaction, and by nobody else before the commit', async () => {
    await write(async (tx) => {
      value(await tx.create({ resourceType: 'Basic', language: 'en' }, { id: 'waits', isNew: true }));
      expect(await home.store.read('Basic', 'waits')).toBeUndefined();
      expect(await tx.query('SELECT 1 FROM resource WHERE id = $1', ['waits'])).toHaveLength(1);
      expect(await home.store.read('Basic', 'waits')).toBeUndefined();
      value(await tx.update({ resourceType: 'Basic', id: 'waits', language: 'de' }));
      expect(await tx.read('Basic', 'waits')).toMatchObject({ version: 2 });
      value(await tx.delete('Basic', 'waits'));
      expect(await tx.read('Basic', 'waits')).toMatchObject({ version: 3, deleted: true });
      return ok(undefined);
    });
    expect(await home.store.read('Basic', 'waits')).toMatchObject({ version: 3, deleted: true });
    const log = await home.store.query('SELECT version, outcome FROM change_log WHERE id = $1 ORDER BY seq', ['waits']);
    expect(log).toEqual([
      { version: 1, outcome: 'created' },
      { version: 2, outcome: 'updated' },
      { version: 3, outcome: 'deleted' },
    ]);
  });

  test('is bounded: a transaction of more than that is written whole, in its order', async () => {
    const count = 2 * limits.write.waitingRows + 7;
    const ids = Array.from({ length: count }, (_, at) => `bounded-${at}`);
    value(
      await write(async (tx) => {
        for (const id of ids) value(await tx.create({ resourceType: 'Basic' }, { id, isNew: true }));
        return ok(undefined);
      }),
    );
    const rows = await home.store.query<{ id: string }>(
      `SELECT id FROM resource WHERE id LIKE 'bounded-%' ORDER BY key`,
    );
    expect(rows.map(({ id }) => id)).toEqual(ids);
  });

  test('an identity that is taken meanwhile is found: the transaction is tried again and updates it', async () => {
    let tries = 0;
    const answer = await write(async (tx) => {
      tries += 1;
      await tx.hold([{ type: 'Basic', id: 'meanwhile' }]);
      if (tries === 1)
        value(await write((other) => other.update({ resourceType: 'Basic', id: 'meanwhile', language: 'en' })));
      return tx.update({ resourceType: 'Basic', id: 'meanwhile', language: 'de' });
    });
    expect(value(answer)).toMatchObject({ outcome: 'updated', stored: { version: 2 } });
    expect(tries).toBe(2);
  });
});

describe('rows held', () => {
  test('by two transactions in opposite order never deadlock: none is tried again', async () => {
    const ids = ['held-a', 'held-b', 'held-c'];
    for (const id of ids) value(await write((tx) => tx.update({ resourceType: 'Basic', id })));
    let tries = 0;
    const change = (order: readonly string[], language: string) =>
      write(async (tx) => {
        tries += 1;
        await tx.hold(order.map((id) => ({ type: 'Basic', id })));
        for (const id of order) value(await tx.update({ resourceType: 'Basic', id, language }));
        return ok(undefined);
      });
    const rounds = Array.from({ length: 30 }, (_, at) => change(at % 2 === 0 ? ids : [...ids].reverse(), `l${at}`));
    for (const answer of await Promise.all(rounds)) value(answer);
    expect(tries).toBe(30);
    const versions = await home.store.readMany(ids.map((id) => ({ type: 'Basic', id })));
    expect(versions.map(({ version }) => version)).toEqual([31, 31, 31]);
  });

  test('new identities in opposite order end in one version each and no deadlock', async () => {
    const round = async (at: number) => {
      const ids = ['x', 'y', 'z'].map((name) => `fresh-${at}-${name}`);
      const make = (order: readonly string[], language: string) =>
        write(async (tx) => {
          await tx.hold(order.map((id) => ({ type: 'Basic', id })));
          for (const id of order) value(await tx.update({ resourceType: 'Basic', id, language }));
          return ok(undefined);
        });
      const answers = await Promise.all([make(ids, 'aa'), make([...ids].reverse(), 'bb')]);
      for (const answer of answers) value(answer);
      const stored = await home.store.readMany(ids.map((id) => ({ type: 'Basic', id })));
      expect(stored.map(({ version }) => version)).toEqual([2, 2, 2]);
    };
    for (let at = 0; at < 10; at += 1) await round(at);
  });
});

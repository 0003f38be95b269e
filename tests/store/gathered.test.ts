import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import type { Query } from '../../src/store/rows.ts';
import { createGathered } from '../../src/store/session/gathered.ts';
import { createQuery } from '../../src/store/session/query.ts';
import { createTestStore, type TestStore } from '../support/database.ts';

let home: TestStore;
let ask: Query;
let trips = 0;
beforeAll(async () => {
  home = await createTestStore();
  const counted = new WeakSet<pg.PoolClient>();
  home.pool.on('acquire', (client) => {
    if (counted.has(client)) return;
    counted.add(client);
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    Object.assign(client, {
      query: (...given: unknown[]) => {
        trips += 1;
        return query(...given);
      },
    });
  });
  ask = createGathered(home.pool, createQuery(home.pool));
});
afterAll(() => home.drop());

const number = (n: number) => ask<{ n: number }>('SELECT $1::integer AS n', [n], 'test-number');
const divide = (by: number) => ask<{ n: number }>('SELECT 12 / $1::integer AS n', [by], 'test-divide');
const sleep = (seconds: number) => ask<{ n: number }>('SELECT 1 AS n FROM pg_sleep($1)', [seconds], 'test-sleep');
const eight = [1, 2, 3, 4, 5, 6, 7, 8];

describe('reads of many at one moment', () => {
  test('what one is refused for, the others do not hear of', async () => {
    const answers = await Promise.allSettled([number(1), divide(0), number(2), divide(4)]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(answers[1]).toMatchObject({ reason: { code: '22012' } });
    expect(answers[3]).toMatchObject({ value: [{ n: 3 }] });
    await expect(ask('SELECT nonsense', [], 'test-nonsense')).rejects.toMatchObject({ code: '42703' });
    expect(await divide(3)).toEqual([{ n: 4 }]);
  });

  test('a connection that is cut costs nobody an answer', async () => {
    const cut = ask('SELECT pg_terminate_backend(pg_backend_pid())', [], 'test-cut');
    const answers = await Promise.allSettled([cut, ...eight.map(number)]);
    expect(answers[0]?.status).toBe('rejected');
    expect(answers.slice(1).map((one) => (one.status === 'fulfilled' ? one.value : one))).toEqual(
      eight.map((n) => [{ n }]),
    );
    expect(await number(9)).toEqual([{ n: 9 }]);
  });

  test('they take one round trip together', async () => {
    const before = trips;
    expect(await Promise.all(eight.map(number))).toEqual(eight.map((n) => [{ n }]));
    expect(trips - before).toBe(1);
  });

  test('one that runs long does not hold up those that come later', async () => {
    let isDone = false;
    const long = Promise.all([sleep(1), sleep(1)]).then(() => {
      isDone = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    const others = Promise.all(eight.map(number));
    expect(await others).toEqual(eight.map((n) => [{ n }]));
    expect(isDone).toBe(false);
    await long;
  });

  test('each sees what was committed before it was asked', async () => {
    for (const value of ['1', '2', '3']) {
      await home.pool.query(
        `INSERT INTO server_setting (name, value) VALUES ('gathered', $1) ON CONFLICT (name) DO UPDATE SET value = $1`,
        [value],
      );
      const read = () =>
        ask<{ value: number }>(`SELECT value FROM server_setting WHERE name = 'gathered'`, [], 'test-setting');
      const rows = await Promise.all([read(), read()]);
      expect(rows.flat().map((row) => String(row.value))).toEqual([value, value]);
    }
  });
});

describe('reads that also write', () => {
  const name = (value: string) => `gathered ${value}`;
  const note = (write: Query, value: string) =>
    write<{ name: string }>(
      `WITH kept AS (INSERT INTO server_setting (name, value) VALUES ($1, to_jsonb(12 / $2::integer)) RETURNING name) SELECT name FROM kept`,
      [name(value), Number(value)],
      'test-note',
    );
  const kept = async (value: string) =>
    (await home.pool.query('SELECT 1 FROM server_setting WHERE name = $1', [name(value)])).rows.length;

  test('nobody is answered before what was written is committed', async () => {
    const write = createGathered(home.pool, createQuery(home.pool), 1, true);
    const seen = await Promise.all(['1', '2', '3'].map((value) => note(write, value).then(() => kept(value))));
    expect(seen).toEqual([1, 1, 1]);
  });

  test('when one fails, that one alone is refused and has written nothing; the others have, once', async () => {
    const write = createGathered(home.pool, createQuery(home.pool), 1, true);
    const answers = await Promise.allSettled(['4', '0', '5'].map((value) => note(write, value)));
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await Promise.all(['4', '0', '5'].map(kept))).toEqual([1, 0, 1]);
  });
});

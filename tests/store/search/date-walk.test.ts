import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ok } from '../../../src/base/errors.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { seesAll, type Visibility } from '../../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';

let it: TestStore;

beforeAll(async () => {
  it = await createTestStore();
  await write([
    observation('b', { effectiveDateTime: '2020-05-02' }),
    observation('a', { effectiveDateTime: '2020-05-02' }),
    observation('c', {}),
    observation('d', { effectivePeriod: { start: '2019-01-01', end: '2024-01-01' } }),
    observation('e', { effectiveDateTime: '2021-01-01T10:00:00.123+02:00' }),
    observation('f', {}),
    observation('g', { effectivePeriod: { end: '2018-01-01' } }),
    observation('h', { effectiveDateTime: '2020-05-02', status: 'preliminary' }),
    // Two dates each: the earliest counts going up, the latest going down.
    goal('k', ['2020-01-01', '2024-01-01']),
    goal('l', ['2021-01-01', '2021-01-01']),
    goal('m', []),
    goal('n', ['2022-01-01']),
  ]);
});
afterAll(async () => {
  await it.drop();
});

function observation(id: string, more: object): Resource & { id: string } {
  const code = { coding: [{ system: 'http://loinc.org', code: '8302-2' }] };
  return { resourceType: 'Observation', id, status: 'final', code, ...more };
}

function goal(id: string, due: string[]): Resource & { id: string } {
  const target = due.map((dueDate) => ({ dueDate }));
  return { resourceType: 'Goal', id, lifecycleStatus: 'active', description: { text: 'x' }, target };
}

async function write(resources: readonly (Resource & { id: string })[]): Promise<void> {
  const written = await it.store.transact(testActor, async (tx) => {
    for (const resource of resources) {
      const one = await tx.update(resource);
      if (!one.ok) return one;
    }
    return ok(undefined);
  });
  if (!written.ok) throw new Error('not written');
}

/** Every page of a search, ids only; `between` runs after each page. */
async function walk(
  type: string,
  params: string,
  count: number,
  options: { visibility?: Visibility; between?: () => Promise<void> } = {},
): Promise<string[]> {
  const pairs = [...new URLSearchParams(`${params}&_count=${count}`)];
  const parsed = parseSearch(it.definitions, type, pairs, { handling: 'strict', baseUrl: 'http://x/fhir' });
  if (!parsed.ok) throw new Error(parsed.error.issues[0]?.text);
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 50; page++) {
    const query = cursor === undefined ? parsed.value.query : { ...parsed.value.query, cursor };
    const found = await it.store.search(query, options.visibility ?? seesAll);
    if (!found.ok) throw new Error(found.error.issues[0]?.text);
    ids.push(...found.value.matches.map(({ id }) => id));
    cursor = found.value.next;
    if (cursor === undefined) return ids;
    await options.between?.();
  }
  throw new Error('the walk does not end');
}

describe('a search over everybody in a stretch of time', () => {
  test.each([
    ['both ends in two filters', 'date=ge2020-05-02&date=lt2020-05-03', ['b', 'a', 'd', 'h']],
    ['one date', 'date=2020-05-02', ['b', 'a', 'h']],
    ['one date and more criteria', 'date=2020-05-02&status=final&code=8302-2', ['b', 'a']],
    ['one date and what it is not', 'date=2020-05-02&status:not=final', ['h']],
    ['several dates', 'date=2020-05-02,2021-01-01', ['b', 'a', 'e', 'h']],
    ['a time when nothing was', 'date=1999', []],
    ['ends the wrong way round', 'date=ge2022-01-01&date=lt2021-06-01', ['d']],
    ['an early end and a date', 'date=ge2020-01-01&date=2021', ['e']],
    ['with its order', 'date=2020-05-02&_sort=-_id', ['h', 'b', 'a']],
  ])('%s', async (_name, params, ids) => {
    expect(await walk('Observation', params, 2)).toEqual(ids);
    expect(await walk('Observation', params, 20)).toEqual(ids);
  });

  test('of several dates one may meet one end and another the other', async () => {
    expect(await walk('Goal', 'target-date=lt2021-06-01&target-date=gt2023-01-01', 2)).toEqual(['k']);
    expect(await walk('Goal', 'target-date=ge2021-06-01&target-date=lt2022-06-01', 2)).toEqual(['k', 'n']);
  });
});

describe('a search over everybody in the order of a date', () => {
  test.each([1, 2, 3, 5, 8, 20])('shows each once, those without a date last, in pages of %s', async (count) => {
    expect(await walk('Observation', '_sort=date', count)).toEqual(['g', 'd', 'b', 'a', 'h', 'e', 'c', 'f']);
    expect(await walk('Observation', '_sort=-date', count)).toEqual(['e', 'b', 'a', 'h', 'd', 'g', 'c', 'f']);
  });

  test.each([1, 2, 20])(
    'takes of several dates the earliest going up, the latest going down, in pages of %s',
    async (count) => {
      expect(await walk('Goal', '_sort=target-date', count)).toEqual(['k', 'l', 'n', 'm']);
      expect(await walk('Goal', '_sort=-target-date', count)).toEqual(['k', 'n', 'l', 'm']);
    },
  );

  test('keeps to the other criteria, those about the same date included', async () => {
    expect(await walk('Observation', '_sort=-date&status=final', 2)).toEqual(['e', 'b', 'a', 'd', 'g', 'c', 'f']);
    expect(await walk('Observation', '_sort=-date&date=ge2020-05-01&date=lt2020-06-01', 2)).toEqual([
      'b',
      'a',
      'h',
      'd',
    ]);
    expect(await walk('Observation', '_sort=date&date:missing=true', 1)).toEqual(['c', 'f']);
    expect(await walk('Observation', '_sort=date&status=cancelled', 1)).toEqual([]);
  });

  test('shows nothing of a type that the reader does not see', async () => {
    const visibility: Visibility = { kind: 'limited', grants: [{ types: new Set(['Goal']) }] };
    expect(await walk('Observation', '_sort=-date', 3, { visibility })).toEqual([]);
  });

  test('counts as many as it walks', async () => {
    const parsed = parseSearch(
      it.definitions,
      'Observation',
      [
        ['_sort', '-date'],
        ['_total', 'accurate'],
        ['_count', '2'],
      ],
      {
        handling: 'strict',
        baseUrl: 'http://x/fhir',
      },
    );
    if (!parsed.ok) throw new Error('not parsed');
    const found = await it.store.search(parsed.value.query, seesAll);
    expect(found.ok && found.value.total).toBe((await walk('Observation', '_sort=-date', 2)).length);
  });

  test('shows what was there throughout once, while others are written', async () => {
    let made = 0;
    const between = () => write([observation(`z${made++}`, made % 2 ? { effectiveDateTime: '2020-05-02' } : {})]);
    const ids = await walk('Observation', '_sort=-date', 2, { between });
    expect(ids.filter((id) => !id.startsWith('z'))).toEqual(['e', 'b', 'a', 'h', 'd', 'g', 'c', 'f']);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('refuses a page link of another order', async () => {
    const query = { ...goalsByDate(), cursor: Buffer.from('["not a date","1"]').toString('base64url') };
    expect(await it.store.search(query, seesAll)).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  });
});

function goalsByDate() {
  const parsed = parseSearch(it.definitions, 'Goal', [['_sort', 'start-date']], {
    handling: 'strict',
    baseUrl: 'http://x',
  });
  if (!parsed.ok) throw new Error('not parsed');
  return parsed.value.query;
}

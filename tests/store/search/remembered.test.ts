import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ok } from '../../../src/base/errors.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import { createReader } from '../../../src/store/reader.ts';
import type { Query } from '../../../src/store/rows.ts';
import { createRemembered } from '../../../src/store/search/remembered.ts';
import { type Reader, seesAll } from '../../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';

let home: TestStore;
/** Remembers whatever it found, and one that remembers nothing. */
let remembering: Reader;
let plain: Reader;
let asked: string[] = [];

beforeAll(async () => {
  home = await createTestStore();
  const { definitions, pool, clock, log } = home;
  const extract = createExtractor(definitions, { baseUrl: 'http://ours.example' });
  const parts = { definitions, extract, checks: [], effects: [], clock, log };
  const query: Query = async <Row extends object>(text: string, values: readonly unknown[] = []) => {
    asked.push(text);
    return (await pool.query<Row>(text, [...values])).rows;
  };
  remembering = createReader(query, { ...parts, remembered: createRemembered(0) });
  plain = createReader(query, parts);
  for (let n = 0; n < 40; n++) await write(n, n % 4 > 0, n % 2 === 0 ? 'final' : 'preliminary');
});
afterAll(() => home.drop());

async function write(n: number, hasEncounter: boolean, status: string): Promise<void> {
  const encounter = hasEncounter ? { encounter: { reference: 'Encounter/e' } } : {};
  const resource = { resourceType: 'Observation', id: `o${n}`, status, code: { text: 'x' }, ...encounter };
  const written = await home.store.transact(testActor, (tx) => tx.update(resource));
  if (!written.ok) throw new Error('not written');
}

async function ask(reader: Reader, search: string): Promise<{ ids: string[]; total?: number }> {
  const [type = '', rest = ''] = search.split('?');
  const parsed = parseSearch(home.definitions, type, [...new URLSearchParams(rest)], {
    handling: 'strict',
    baseUrl: 'http://ours.example',
  });
  if (!parsed.ok) throw new Error(parsed.error.issues[0]?.text);
  const page = await reader.search(parsed.value.query, seesAll);
  if (!page.ok) throw new Error(page.error.issues[0]?.text);
  const { matches, total } = page.value;
  return { ids: matches.map(({ id }) => id), ...(total !== undefined && { total }) };
}

const searches = [
  'Observation?encounter:missing=true&_count=50',
  'Observation?status:not=final&_count=50',
  'Observation?encounter:missing=true&_count=3&_total=accurate',
  'Observation?status=final&_summary=count',
  'Observation?_summary=count',
  'Observation?status=final&_count=7',
  'Observation?status=final,amended',
];

test('what is remembered is what is so, whatever was written meanwhile', async () => {
  let seed = 7;
  const below = (most: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * most);
  };
  for (let round = 0; round < 80; round++) {
    for (const search of searches)
      expect([search, await ask(remembering, search)]).toEqual([search, await ask(plain, search)]);
    const n = below(45);
    if (below(4) > 0) await write(n, below(2) === 0, below(2) === 0 ? 'final' : 'preliminary');
    else await home.store.transact(testActor, (tx) => tx.delete('Observation', `o${n}`));
  }
});

test('the second time a total is looked up, and rows are those that were found', async () => {
  const [missing = '', , , count = ''] = searches;
  await ask(remembering, count);
  await ask(remembering, missing);
  asked = [];
  await ask(remembering, count);
  expect(asked.filter((text) => text.includes('count(*) FROM resource'))).toEqual([]);
  asked = [];
  await ask(remembering, missing);
  expect(asked.filter((text) => text.includes('r.key = ANY'))).toHaveLength(1);
});

test('a transaction that is not done when a total is remembered counts once it is', async () => {
  const [, , , count = ''] = searches;
  const before = await ask(remembering, count);
  await home.store.transact(testActor, async (tx) => {
    await tx.create({ resourceType: 'Observation', status: 'final', code: { text: 'late' } }, { id: 'late' });
    // Sent, not committed.
    await tx.read('Observation', 'late');
    expect(await ask(remembering, count)).toEqual(before);
    return ok(undefined);
  });
  expect(await ask(remembering, count)).toEqual({ ids: [], total: (before.total ?? 0) + 1 });
});

test('what is undone was never counted, and a transaction does not leave its own count to others', async () => {
  const [, , , count = ''] = searches;
  const before = await ask(remembering, count);
  const undone = await home.store.transact(testActor, async (tx) => {
    await tx.create({ resourceType: 'Observation', status: 'final', code: { text: 'undone' } }, { id: 'undone' });
    expect(await ask(tx, count)).toEqual({ ids: [], total: (before.total ?? 0) + 1 });
    return { ok: false, error: { kind: 'invalid', issues: [] } };
  });
  expect(undone.ok).toBe(false);
  expect(await ask(remembering, count)).toEqual(before);
});

test('of many that ask at once one looks', async () => {
  asked = [];
  const search = 'Observation?status:not=amended&encounter:missing=true&_count=50';
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(remembering, search)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(asked.filter((text) => text.startsWith('SELECT r.key') && !text.includes('r.key = ANY'))).toHaveLength(1);
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ok } from '../../src/base/errors.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { relabel } from '../../src/store/reindex/relabel.ts';
import type { Visibility } from '../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../support/database.ts';

/** Category 1 and 2 are labels; a record inherits along these references. */
const inherits = {
  Observation: ['encounter', 'based-on', 'has-member'],
  ServiceRequest: ['encounter', 'based-on'],
  Encounter: ['part-of'],
};
const bitOf: Record<string, bigint> = { one: 1n, two: 2n };
let home: TestStore;
beforeAll(async () => {
  const categorize = ({ meta }: Resource) =>
    (meta?.security ?? []).reduce((bits, { code }) => bits | (bitOf[code ?? ''] ?? 0n), 0n);
  home = await createTestStore({ categorize, inherits });
});
afterAll(() => home.drop());

const labels = (...codes: string[]) => ({ security: codes.map((code) => ({ code })) });
const ref = (reference: string) => ({ reference });
const encounter = (id: string, codes: string[] = [], partOf?: string): Resource => ({
  resourceType: 'Encounter',
  id,
  meta: labels(...codes),
  status: 'finished',
  subject: ref('Patient/a'),
  ...(partOf && { partOf: ref(`Encounter/${partOf}`) }),
});
const observation = (id: string, links: Record<string, unknown>, codes: string[] = []): Resource => ({
  resourceType: 'Observation',
  id,
  meta: labels(...codes),
  status: 'final',
  subject: ref('Patient/a'),
  ...links,
});

async function write(...resources: Resource[]): Promise<void> {
  const done = await home.store.transact(testActor, async (tx) => {
    for (const resource of resources) {
      const written = await tx.update(resource);
      if (!written.ok) return written;
    }
    return ok(undefined);
  });
  if (!done.ok) throw new Error(done.error.issues[0]?.text);
}

async function categoriesOf(...names: string[]): Promise<number[]> {
  const rows = await home.store.query<{ name: string; categories: string }>(
    `SELECT type || '/' || id AS name, categories FROM resource WHERE type || '/' || id = ANY ($1)`,
    [names],
  );
  return names.map((name) => Number(rows.find((row) => row.name === name)?.categories ?? -1));
}

const without = (hides: bigint): Visibility => ({ kind: 'limited', grants: [{ types: 'any', hides }] });

describe('a record has the categories of what produced it', () => {
  test('whichever is written first, in one transaction or in two', async () => {
    await write(encounter('e1', ['one']));
    await write(observation('o1', { encounter: ref('Encounter/e1') }, ['two']));
    await write(observation('o2', { encounter: ref('Encounter/e2') }));
    await write(encounter('e2', ['two']));
    await write(observation('o3', { encounter: ref('Encounter/e3') }), encounter('e3', ['one', 'two']));
    await write(encounter('e4', ['one']), observation('o4', { encounter: ref('Encounter/e4') }));
    expect(await categoriesOf('Observation/o1', 'Observation/o2', 'Observation/o3', 'Observation/o4')).toEqual([
      3, 2, 3, 1,
    ]);
    expect(await categoriesOf('Encounter/e1', 'Encounter/e2')).toEqual([1, 2]);
  });

  test('by other references it does not', async () => {
    await write(encounter('f1', ['one']), observation('g1', { focus: [ref('Encounter/f1')] }));
    expect(await categoriesOf('Observation/g1')).toEqual([0]);
  });

  test('however far, when the first of them changes, and back again', async () => {
    const chain = [
      encounter('h1'),
      encounter('h2', [], 'h1'),
      { resourceType: 'ServiceRequest', id: 'h3', status: 'active', encounter: ref('Encounter/h2') },
      observation('h4', { basedOn: [ref('ServiceRequest/h3')] }),
      observation('h5', { hasMember: [ref('Observation/h4')] }, ['two']),
    ] as Resource[];
    await write(...chain);
    const all = ['Encounter/h1', 'Encounter/h2', 'ServiceRequest/h3', 'Observation/h4', 'Observation/h5'];
    expect(await categoriesOf(...all)).toEqual([0, 0, 0, 0, 2]);
    await write(encounter('h1', ['one']));
    expect(await categoriesOf(...all)).toEqual([1, 1, 1, 1, 3]);
    await write(encounter('h1'));
    expect(await categoriesOf(...all)).toEqual([0, 0, 0, 0, 2]);
    await write(encounter('h2', ['one']), encounter('h1', ['two']));
    expect(await categoriesOf(...all)).toEqual([2, 1, 1, 1, 3]);
    await write(encounter('h2', ['one'], 'h1'));
    expect(await categoriesOf(...all)).toEqual([2, 3, 3, 3, 3]);
  });

  test('until it refers to it no more; one that is its own source, or two of each other, end', async () => {
    await write(encounter('k1', ['one']), observation('k2', { encounter: ref('Encounter/k1') }));
    await write(observation('k2', {}));
    expect(await categoriesOf('Observation/k2')).toEqual([0]);
    await write(encounter('k3', ['one'], 'k3'), encounter('k4', [], 'k5'), encounter('k5', ['two'], 'k4'));
    await write(encounter('k3', [], 'k3'));
    expect(await categoriesOf('Encounter/k3', 'Encounter/k4', 'Encounter/k5')).toEqual([0, 2, 2]);
  });

  test('TH-32 two transactions at once, one that labels and one that refers: neither misses the other', async () => {
    for (let round = 0; round < 15; round++) {
      const id = `race-${round}`;
      if (round % 2 === 0) await write(encounter(id));
      await Promise.all([
        write(observation(`${id}-a`, { encounter: ref(`Encounter/${id}`) })),
        write(encounter(id, ['one'])),
        write(observation(`${id}-b`, { encounter: ref(`Encounter/${id}`) })),
      ]);
      expect(await categoriesOf(`Observation/${id}-a`, `Observation/${id}-b`)).toEqual([1, 1]);
    }
  });
});

test('TH-32 large transactions that label and refer at once do not wait for each other in a circle', async () => {
  let tried = 0;
  const chart = (name: string) => {
    const visits = Array.from({ length: 30 }, (_, n) => `circle-${name}-${n}`);
    return [
      ...visits.map((id, n) => encounter(id, n % 2 === 0 ? ['one'] : [])),
      ...visits.map((id) => observation(`${id}-o`, { encounter: ref(`Encounter/${id}`) }, ['two'])),
    ];
  };
  const together = ['0', '1', '2', '3'].map((name) =>
    home.store.transact(testActor, async (tx) => {
      tried += 1;
      // As a Bundle does, so that all that it writes waits for its end.
      await tx.hold(chart(name).map(({ resourceType: type, id = '' }) => ({ type, id })));
      for (const resource of chart(name)) {
        const written = await tx.create(resource, { id: resource.id ?? '' });
        if (!written.ok) return written;
      }
      return ok(undefined);
    }),
  );
  expect((await Promise.all(together)).map((done) => done.ok)).toEqual([true, true, true, true]);
  expect(tried).toBe(4);
  for (const name of ['0', '1', '2', '3']) {
    const own = Array.from({ length: 30 }, (_, n) => `Observation/circle-${name}-${n}-o`);
    const told = await categoriesOf(...own);
    expect(told).toEqual(own.map((_, n) => (n % 2 === 0 ? 3 : 2)));
  }
});

describe('hidden', () => {
  test('TH-28 a version that was labelled, and every version of what is labelled now', async () => {
    await write(observation('v', {}));
    await write(observation('v', {}, ['one']));
    await write(observation('v', { code: { text: 'again' } }));
    const seen = async (reader: Visibility) => {
      const versions = [1, 2, 3].map((version) => home.store.readVersion('Observation', 'v', version));
      return Promise.all(versions.map(async (stored) => home.store.sees(reader, (await stored) as never)));
    };
    expect(await seen(without(1n))).toEqual([true, false, true]);
    expect(await seen(without(2n))).toEqual([true, true, true]);
    const told = async (reader: Visibility) => {
      const found = await home.store.historyOf({ types: ['Observation'], count: 1000 }, reader);
      return found.ok && found.value.versions.filter(({ id }) => id === 'v').map(({ version }) => version);
    };
    expect(await told(without(1n))).toEqual([3, 1]);
    await write(observation('v', {}, ['one']));
    expect(await seen(without(1n))).toEqual([false, false, false]);
    expect(await told(without(1n))).toEqual([]);
    expect(await told(without(2n))).toEqual([4, 3, 2, 1]);
  });

  test('what is deleted keeps its categories, and what was produced by something keeps following it', async () => {
    await write(encounter('d1'), observation('d2', { encounter: ref('Encounter/d1') }, ['two']));
    await home.store.transact(testActor, (tx) => tx.delete('Observation', 'd2'));
    expect(await categoriesOf('Observation/d2')).toEqual([2]);
    await write(encounter('d1', ['one']));
    expect(await categoriesOf('Observation/d2')).toEqual([3]);
    expect(await home.store.readSeen('Observation', 'd2', without(1n))).toBeUndefined();
    await write(observation('d2', {}));
    expect(await categoriesOf('Observation/d2')).toEqual([0]);
  });

  test('within the transaction that writes it, what it inherits counts already', async () => {
    await write(encounter('w1', ['one']));
    const seen = await home.store.transact(testActor, async (tx) => {
      const written = await tx.update(observation('w2', { encounter: ref('Encounter/w1') }));
      if (!written.ok) return written;
      const { stored } = written.value;
      return ok([await tx.sees(without(1n), stored), await tx.sees(without(2n), stored)]);
    });
    expect(seen).toEqual({ ok: true, value: [false, true] });
  });
});

test('another policy: every record gets its categories and what it inherits, whatever is written meanwhile', async () => {
  await write(encounter('r1', ['two']), observation('r2', { encounter: ref('Encounter/r1') }, ['one']));
  await write(observation('r3', { encounter: ref('Encounter/r1') }));
  const swapped = ({ meta }: Resource) => (meta?.security?.some(({ code }) => code === 'two') ? 4n : 0n);
  const run = async (categorize: (resource: Resource) => bigint) => {
    for (let after: string | undefined = '0'; after !== undefined; ) {
      const from: string = after;
      const done = await home.store.transact(testActor, async (tx) => ok(await relabel(tx, { categorize }, from, 7)));
      if (!done.ok) throw new Error('not relabelled');
      after = done.value;
    }
  };
  const names = ['Encounter/r1', 'Observation/r2', 'Observation/r3'];
  await run(swapped);
  expect(await categoriesOf(...names)).toEqual([4, 4, 4]);
  await Promise.all([
    run(({ meta }) => (meta?.security ?? []).reduce((bits, { code }) => bits | (bitOf[code ?? ''] ?? 0n), 0n)),
    write(observation('r4', { encounter: ref('Encounter/r1') })),
    write(encounter('r1', ['one'])),
  ]);
  expect(await categoriesOf(...names, 'Observation/r4')).toEqual([1, 1, 1, 1]);
});

import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { systemClock } from '../../../src/base/clock.ts';
import { ok, type Result } from '../../../src/base/errors.ts';
import { createLogger } from '../../../src/base/log.ts';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import { parseSearch } from '../../../src/fhir/search/parse.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import type { Catalog } from '../../../src/store/search-parameters/catalog.ts';
import { openCatalog, searchParametersModule } from '../../../src/store/search-parameters/search-parameters.ts';
import { createStore } from '../../../src/store/store.ts';
import { type Store, seesAll, type Tx } from '../../../src/store/types.ts';
import { createTestDatabase, type TestDatabase, testActor } from '../../support/database.ts';

/** A server or a command on one database: what it knows of search parameters is its own. */
interface Process {
  store: Store;
  catalog: Catalog;
  /** Runs the job of a parameter, as the worker would. */
  index(id: string): Promise<Result<void>>;
  close(): Promise<void>;
}

const base = loadDefinitions(path.join(import.meta.dirname, '../../../build/fhir'));
let database: TestDatabase;
let one: Process;
let two: Process;
beforeAll(async () => {
  database = await createTestDatabase();
  one = await openProcess();
  two = await openProcess();
});
afterAll(async () => {
  await one.close();
  await two.close();
  await database.drop();
});

async function openProcess(): Promise<Process> {
  const pool = new pg.Pool({ ...database.connection, max: 6 });
  pool.on('error', () => {});
  const query = async <Row extends object>(text: string, values: readonly unknown[] = []) =>
    (await pool.query<Row>(text, [...values])).rows;
  const catalog = await openCatalog(base, { query });
  const { definitions } = catalog;
  const extract = createExtractor(definitions);
  const module = searchParametersModule(base, extract);
  const parts = { definitions, catalog, extract, clock: systemClock, log: createLogger('silent') };
  const store = createStore({ pool, ...parts, checks: module.checks, effects: module.effects });
  const index = async (id: string) => (await module.jobs[0]?.run({ key: id }, { store })) ?? ok(undefined);
  return { store, catalog, index, close: () => pool.end() };
}

const eyes = 'https://careweave.example/eyes';
const parameter = (id: string, changes: Record<string, unknown> = {}): Resource => ({
  resourceType: 'SearchParameter',
  id,
  url: `https://careweave.example/SearchParameter/${id}`,
  name: 'Test',
  status: 'active',
  description: 'A test',
  code: id,
  base: ['Patient'],
  type: 'token',
  expression: `Patient.extension('${eyes}').value`,
  ...changes,
});
const child = (id: string, colour: string): Resource => ({
  resourceType: 'Patient',
  id,
  extension: [{ url: eyes, valueCode: colour }],
});
const written = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.error.issues.map(({ text }) => text).join());
  return result.value;
};
const put = async ({ store }: Process, ...resources: Resource[]) =>
  written(
    await store.transact(testActor, async (tx: Tx) => {
      for (const resource of resources) {
        const made = await tx.update(resource);
        if (!made.ok) return made;
      }
      return ok(undefined);
    }),
  );
/** The ids found, or what was said instead. */
async function found(asked: Process, name: string, value: string, type = 'Patient'): Promise<string[] | string> {
  const { definitions } = asked.catalog;
  const parsed = parseSearch(definitions, type, [[name, value]], { handling: 'strict', baseUrl: 'http://here' });
  if (!parsed.ok) return parsed.error.issues[0]?.text ?? '';
  const answer = await asked.store.search({ ...parsed.value.query, count: 1000 }, seesAll);
  return answer.ok ? answer.value.matches.map(({ id }) => id).sort() : (answer.error.issues[0]?.text ?? '');
}

describe('nobody gets a partial answer', () => {
  test('while the resources are being indexed: 400 naming the parameter and how far it is', async () => {
    await put(one, child('early-1', 'grey'), child('early-2', 'green'));
    await put(one, parameter('eyes-a'));
    expect(await found(one, 'eyes-a', 'grey')).toBe("Patient has no search parameter 'eyes-a'.");
    await one.store.refresh();
    expect(await found(one, 'eyes-a', 'grey')).toBe(
      "Search parameter 'eyes-a' is being indexed: 0 %. Ask again later.",
    );
    await database.pool.query("UPDATE search_parameter SET total = 4, done = 3 WHERE id = 'eyes-a'");
    expect(await found(one, 'eyes-a', 'grey')).toContain('being indexed: 75 %');
    await database.pool.query("UPDATE search_parameter SET total = NULL, done = 0 WHERE id = 'eyes-a'");
    written(await one.index('eyes-a'));
    expect(await found(one, 'eyes-a', 'grey')).toEqual(['early-1']);
  });

  test('another process that knows an older definition is told so, and answers once it has looked', async () => {
    await two.store.refresh();
    expect(await found(two, 'eyes-a', 'grey')).toEqual(['early-1']);
    await put(one, parameter('eyes-a', { expression: 'Patient.maritalStatus' }));
    expect(await found(two, 'eyes-a', 'grey')).toContain('has just been changed');
    expect(await two.store.refresh()).toBe(true);
    expect(await found(two, 'eyes-a', 'grey')).toContain('is being indexed');
    written(await two.index('eyes-a'));
    expect(await found(two, 'eyes-a', 'grey')).toEqual([]);
    expect(await two.store.refresh()).toBe(true);
    expect(await two.store.refresh()).toBe(false);
  });

  test('removed or retired: nobody knows it any more', async () => {
    await put(one, parameter('eyes-a', { status: 'retired' }));
    expect(await found(two, 'eyes-a', 'grey')).toContain('has just been changed');
    await two.store.refresh();
    expect(await found(two, 'eyes-a', 'grey')).toBe("Patient has no search parameter 'eyes-a'.");
    await put(one, parameter('eyes-a'));
    written(await one.store.transact(testActor, (tx) => tx.delete('SearchParameter', 'eyes-a')));
    expect((await database.pool.query('SELECT 1 FROM search_parameter')).rows).toEqual([]);
    written(await one.index('eyes-a'));
  });
});

describe('nothing is missed', () => {
  test('what a process writes that has not heard of the parameter', async () => {
    await two.store.refresh();
    await put(one, parameter('eyes-b'));
    await put(two, child('late-1', 'amber'));
    written(await one.index('eyes-b'));
    await put(two, child('late-2', 'amber'));
    await one.store.refresh();
    expect(await found(one, 'eyes-b', 'amber')).toEqual(['late-1', 'late-2']);
  });

  test('what a transaction wrote that began before the parameter and ends after it: the job waits for it', async () => {
    await two.store.refresh();
    let commit = () => {};
    const mayCommit = new Promise<void>((resolve) => {
      commit = resolve;
    });
    let begun = () => {};
    const hasWritten = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const slow = two.store.transact(testActor, async (tx) => {
      const made = await tx.update(child('slow', 'violet'));
      // Sent to the database, and not committed.
      await tx.query('SELECT 1');
      begun();
      await mayCommit;
      return made;
    });
    await hasWritten;
    await put(one, parameter('eyes-c'));
    let isIndexed = false;
    const indexing = one.index('eyes-c').then((answer) => {
      isIndexed = true;
      return answer;
    });
    // Until the job waits for the lock of the slow transaction.
    const waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid = 7262017";
    while ((await database.pool.query(waits)).rows.length === 0) expect(isIndexed).toBe(false);
    await put(one, child('meanwhile', 'violet'));
    expect(isIndexed).toBe(false);
    commit();
    written(await slow);
    written(await indexing);
    await one.store.refresh();
    expect(await found(one, 'eyes-c', 'violet')).toEqual(['meanwhile', 'slow']);
  });

  test('while many write, change and delete, and the job runs twice', async () => {
    await put(one, ...Array.from({ length: 600 }, (_, n) => child(`busy-${n}`, n % 2 ? 'hazel' : 'brown')));
    await put(one, parameter('eyes-d'));
    const writers = [one, two].flatMap((process, side) =>
      Array.from({ length: 3 }, async (_, lane) => {
        for (let n = side * 3 + lane; n < 600; n += 24) {
          if (n % 5 === 0) await process.store.transact(testActor, (tx) => tx.delete('Patient', `busy-${n}`));
          else await put(process, child(`busy-${n}`, 'hazel'), child(`new-${n}`, 'hazel'));
        }
      }),
    );
    await Promise.all([...writers, one.index('eyes-d').then(written), two.index('eyes-d').then(written)]);
    await one.store.refresh();
    const all = await one.store.query<{ id: string; content: string }>(
      "SELECT id, content FROM resource WHERE type = 'Patient' AND NOT deleted",
    );
    for (const colour of ['hazel', 'brown']) {
      const expected = all.filter(({ content }) => content.includes(`"${colour}"`)).map(({ id }) => id);
      expect(expected.length).toBeGreaterThan(100);
      expect(await found(one, 'eyes-d', colour)).toEqual(expected.sort());
    }
    const twice = 'SELECT key, param, text FROM resource_string GROUP BY 1, 2, 3, exact HAVING count(*) > 1';
    expect((await database.pool.query(twice)).rows).toEqual([]);
  });
});

describe('while the definition changes again and again', () => {
  const other = 'https://careweave.example/other';
  const both = (n: number): Resource => ({
    resourceType: 'Person',
    id: `still-${n}`,
    extension: [
      { url: eyes, valueCode: n % 2 ? 'x-one' : 'x-two' },
      { url: other, valueCode: n % 3 ? 'x-one' : 'x-two' },
    ],
  });
  const numbers = Array.from({ length: 100 }, (_, n) => n);
  const expected = (by: number) => numbers.filter((n) => n % by).map((n) => `still-${n}`);
  const definitions = [2, 3].map((by) => ({
    ids: JSON.stringify(expected(by).sort()),
    resource: parameter('turn', {
      base: ['Person'],
      expression: `Person.extension('${by === 2 ? eyes : other}').value`,
    }),
  }));

  test('every answer is the whole one by one of the definitions, from either process', async () => {
    await put(one, ...numbers.map(both));
    let isOver = false;
    const answers = new Map<string, number>();
    const read = async (process: Process) => {
      while (!isOver) {
        const answer = await found(process, 'turn', 'x-one', 'Person');
        const kind = typeof answer === 'string' ? answer.replace(/\d+ %/, 'n %') : JSON.stringify(answer);
        answers.set(kind, (answers.get(kind) ?? 0) + 1);
        if (typeof answer === 'string') await process.store.refresh();
      }
    };
    const jobs: Promise<Result<void>>[] = [];
    const readers = [read(one), read(two)];
    try {
      for (let turn = 0; turn < 5; turn++) {
        const [process, further] = turn % 2 ? [one, two] : [two, one];
        const definition = definitions[turn % 2];
        if (!definition) throw new Error('no definition');
        await put(process, definition.resource);
        // Now and then the next change comes in the middle of the job, or two run at once.
        jobs.push(process.index('turn'));
        if (turn % 3) jobs.push(further.index('turn'));
        if (turn % 4 === 2) continue;
        for (const job of jobs) written(await job);
        await further.store.refresh();
        expect(JSON.stringify(await found(further, 'turn', 'x-one', 'Person'))).toBe(definition.ids);
      }
    } finally {
      isOver = true;
      await Promise.allSettled([...readers, ...jobs]);
    }
    const said = [...answers.keys()].filter((kind) => !definitions.some(({ ids }) => ids === kind));
    const refusals = /^(Person has no search parameter|Search parameter 'turn' (is being indexed: n %|has just been))/;
    expect(said.filter((text) => !refusals.test(text))).toEqual([]);
  });
});

describe('what stands in the way', () => {
  const refusal = async (resource: Resource) => {
    const answer = await one.store.transact(testActor, (tx) => tx.update(resource));
    return answer.ok
      ? 'accepted'
      : [answer.error.kind, ...answer.error.issues.map(({ code, expression }) => `${expression} ${code}`)];
  };

  test('another active one with the same code for the same type', async () => {
    await put(one, parameter('eyes-e', { code: 'same' }));
    expect(await refusal(parameter('eyes-f', { code: 'same' }))).toEqual([
      'unprocessable',
      'SearchParameter.code duplicate',
    ]);
    expect(await refusal(parameter('eyes-f', { code: 'same', base: ['Person'], expression: 'Person.telecom' }))).toBe(
      'accepted',
    );
  });

  test('two that come at once with the same code: one of them', async () => {
    const answers = await Promise.all([
      refusal(parameter('race-1', { code: 'twin' })),
      two.store.transact(testActor, (tx) => tx.update(parameter('race-2', { code: 'twin' }))),
    ]);
    const rows = await one.store.query("SELECT id FROM search_parameter WHERE code = 'twin'");
    expect(rows).toHaveLength(1);
    expect([answers[0] === 'accepted', answers[1].ok].filter(Boolean)).toHaveLength(1);
  });

  test('a draft may have any code, and is not in use', async () => {
    expect(await refusal(parameter('draft', { status: 'draft', code: 'gender' }))).toBe('accepted');
    expect(await one.store.query("SELECT 1 FROM search_parameter WHERE id = 'draft'")).toEqual([]);
  });

  test('a change that means nothing for the index indexes nothing anew', async () => {
    const generation = one.catalog.generation();
    await put(one, parameter('eyes-e', { code: 'same', description: 'Said better' }));
    await one.store.refresh();
    expect(one.catalog.generation()).toBe(generation);
  });
});

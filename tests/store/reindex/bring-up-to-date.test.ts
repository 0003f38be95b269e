import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { indexVersion } from '../../../src/store/index-version.ts';
import { bringIndexUpToDate } from '../../../src/store/reindex/bring-up-to-date.ts';
import { keepServerSetting, serverSetting } from '../../../src/store/settings.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';

const children = 700;
let home: TestStore;
/** The index as ordinary writes left it. */
let fresh: string[];
beforeAll(async () => {
  home = await createTestStore();
  await home.store.transact(testActor, async (tx) => {
    for (let number = 0; number < children; number++) {
      const made = await tx.update(child(number));
      if (!made.ok) return made;
    }
    await tx.update(observation('both', ['Patient/c1', 'Patient/c2']));
    await tx.update(observation('gone', ['Patient/c3']));
    return tx.delete('Observation', 'gone');
  });
  fresh = await dump();
});
afterAll(() => home.drop());

const child = (number: number): Resource => ({
  resourceType: 'Patient',
  id: `c${number}`,
  identifier: [{ system: 'urn:mrn', value: String(number) }],
  name: [{ family: `Quillfeather-${number}`, given: ['Ada\u0000', '\ud800'] }],
  birthDate: `2019-0${1 + (number % 9)}-11`,
  generalPractitioner: [{ reference: `Practitioner/p${number % 7}` }],
});
const observation = (id: string, patients: string[]): Resource => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8302-2' }] },
  subject: { reference: patients[0] },
  performer: patients.slice(1).map((reference) => ({ reference })),
  effectivePeriod: { start: '2024-01-02' },
  valueQuantity: { value: 98.5, unit: 'cm', system: 'http://unitsofmeasure.org', code: 'cm' },
});

const tables = ['resource_patient', 'resource_string', 'resource_date', 'resource_number'];
/** Everything of the index, in an order of its own. */
async function dump(): Promise<string[]> {
  const rows: string[] = [];
  const { store } = home;
  const own = `SELECT key, self, patient_id, sort_values,
    (SELECT array_agg(t ORDER BY t) FROM unnest(tokens) AS t) AS tokens FROM resource`;
  for (const text of [own, ...tables.map((table) => `SELECT * FROM ${table}`)]) {
    rows.push(...(await store.query(text)).map((row) => JSON.stringify(row)));
  }
  return rows.sort();
}

async function differences(): Promise<string[]> {
  const now = await dump();
  return now
    .filter((row, place) => row !== fresh[place])
    .slice(0, 2)
    .concat(now.length === fresh.length ? [] : ['rows']);
}

async function spoil(): Promise<void> {
  const { store } = home;
  await store.query(
    "UPDATE resource SET self = 0, tokens = CASE WHEN deleted THEN tokens ELSE '{7}' END, sort_values = '{}'",
  );
  await store.query("UPDATE resource SET patient_id = 'nobody' WHERE NOT deleted");
  for (const table of tables) await store.query(`DELETE FROM ${table} WHERE key % 2 = 0`);
  await store.query('INSERT INTO resource_string (key, param, text, exact) SELECT key, 1, id, id FROM resource');
  await keepServerSetting(store, 'index-version', indexVersion - 1);
}

const lines: string[] = [];
const extract = () => createExtractor(home.definitions);
const bring = (options: { share?: boolean; extract?: ReturnType<typeof extract> } = {}) =>
  bringIndexUpToDate({
    pool: home.pool,
    parts: { extract: options.extract ?? extract() },
    share: options.share ?? false,
    say: (line) => lines.push(line),
  });

test('whoever adds a table or a column to the index finds it missing here', async () => {
  const columns = await home.store.query<{ name: string }>(
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
      WHERE table_schema = 'public' AND (table_name = 'resource' OR table_name LIKE 'resource\\_%')
        AND table_name <> 'resource_history' ORDER BY 1`,
  );
  // The privacy categories are no part of the index: reindex/relabel.ts. Of part_categories it says only whether it knows of the parts.
  const own =
    'categories content deleted id key last_updated method own_categories part_categories patient_id self sort_values tokens type version';
  expect(columns.map(({ name }) => name)).toEqual([
    ...own.split(' ').map((column) => `resource.${column}`),
    'resource_date.key',
    'resource_date.param',
    'resource_date.range_end',
    'resource_date.range_start',
    'resource_number.high',
    'resource_number.key',
    'resource_number.low',
    'resource_number.param',
    'resource_patient.is_subject',
    'resource_patient.key',
    'resource_patient.patient_id',
    'resource_string.exact',
    'resource_string.key',
    'resource_string.param',
    'resource_string.text',
  ]);
});

describe('the index of another version', () => {
  test('a command beside the server does not run on it, and does not write it', async () => {
    await spoil();
    const before = await dump();
    expect(await bring({ share: true })).toMatchObject({ ok: false, error: { kind: 'conflict' } });
    expect(await dump()).toEqual(before);
  });

  test('is written anew to the letter, with its progress told, and the version kept', async () => {
    await spoil();
    lines.length = 0;
    expect(await bring()).toEqual({ ok: true, value: undefined });
    expect(await differences()).toEqual([]);
    expect(lines[0]).toBe(`The search index is written anew: 0 of ${children + 2} resources (0 %).`);
    expect(lines.at(-1)).toMatch(/702 of 702 resources \(100 %\), \d+ a second\.$/);
    expect(await serverSetting(home.store, 'index-version')).toBe(indexVersion);
    expect(await serverSetting(home.store, 'index-progress')).toBeUndefined();
  });

  test('after a kill it goes on behind the last stretch, and nothing is half done', async () => {
    await spoil();
    let worked = 0;
    const dying = createExtractor(home.definitions);
    const killed = bring({
      extract: (resource) => {
        if (++worked > 560) throw new Error('killed');
        return dying(resource);
      },
    });
    await expect(killed).rejects.toThrow('killed');
    expect(await serverSetting(home.store, 'index-version')).toBe(indexVersion - 1);
    lines.length = 0;
    let again = 0;
    const counting = createExtractor(home.definitions);
    await bring({
      extract: (resource) => {
        again++;
        return counting(resource);
      },
    });
    expect(lines[0]).toMatch(/500 of 702/);
    expect(again).toBeLessThan(children);
    expect(await differences()).toEqual([]);
  });

  test('a server that is told to stop stops, and the next one goes on', async () => {
    await spoil();
    lines.length = 0;
    const stopping = () => lines.length > 1;
    const parts = { extract: extract() };
    const say = (line: string) => lines.push(line);
    const stopped = await bringIndexUpToDate({ pool: home.pool, parts, share: false, stopping, say });
    expect(stopped).toMatchObject({ ok: false, error: { kind: 'busy' } });
    expect(await serverSetting(home.store, 'index-version')).toBe(indexVersion - 1);
    expect(await bring()).toEqual({ ok: true, value: undefined });
    expect(await differences()).toEqual([]);
  });

  test('two servers that start at once: one does it, the other waits', async () => {
    await spoil();
    let worked = 0;
    const shared = createExtractor(home.definitions);
    const counting = (resource: Resource) => {
      worked++;
      return shared(resource);
    };
    await Promise.all([bring({ extract: counting }), bring({ extract: counting })]);
    expect(worked).toBe(children + 1);
    expect(await differences()).toEqual([]);
  });
});

describe('nothing to do', () => {
  test('when the version is the same', async () => {
    lines.length = 0;
    const never = () => {
      throw new Error('asked');
    };
    expect((await bring({ extract: never, share: true })).ok).toBe(true);
    expect(lines).toEqual([]);
  });

  test('a store without a resource takes the version at once', async () => {
    const empty = await createTestStore();
    try {
      const parts = { extract: createExtractor(empty.definitions) };
      const answer = await bringIndexUpToDate({
        pool: empty.pool,
        parts,
        share: true,
        say: (line) => lines.push(line),
      });
      expect(answer.ok).toBe(true);
      expect(await serverSetting(empty.store, 'index-version')).toBe(indexVersion);
      expect(lines).toEqual([]);
    } finally {
      await empty.drop();
    }
  });
});

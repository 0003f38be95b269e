import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger } from '../../../src/base/log.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import type { Resource, r4 } from '../../../src/fhir/types.ts';
import { createWorker } from '../../../src/jobs/worker.ts';
import type { Measures } from '../../../src/measures/measures.ts';
import { createTranslations } from '../../../src/measures/posted/translations.ts';
import { createStore } from '../../../src/store/store.ts';
import type { Store } from '../../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';
import { unwrap } from '../../support/house.ts';
import { houseMeasures, now } from '../house.ts';
import { cqlOf, library, measure } from '../upload/bundle.ts';

/** Two servers over one database: each has measures and a store of its own. */
let database: TestStore;
let a: { measures: Measures; store: Store };
let b: { measures: Measures; store: Store };

beforeAll(async () => {
  database = await createTestStore({ clock: now });
  const { pool, definitions, log } = database;
  const open = () => {
    const measures = houseMeasures();
    const { checks = [], effects = [], conclusions = [] } = measures.module;
    const extract = createExtractor(definitions, {});
    return {
      measures,
      store: createStore({ pool, definitions, extract, checks, effects, conclusions, clock: now, log }),
    };
  };
  a = open();
  b = open();
});
afterAll(async () => {
  await Promise.all([a, b].map(({ measures }) => measures.close()));
  await database.drop();
});

const write = (store: Store, ...resources: (Resource | r4.Measure | r4.Library)[]) =>
  store.transact(testActor, async (tx) => {
    for (const resource of resources) {
      const written = await tx.update({ ...resource } as Resource);
      if (!written.ok) return written;
    }
    return { ok: true, value: undefined };
  });
const refusal = async (work: ReturnType<typeof write>) => {
  const done = await work;
  return done.ok ? 'written' : done.error.issues[0]?.text;
};
const names = ({ measures }: { measures: Measures }) => measures.registry.measures().map(({ name }) => name);
const hear = ({ measures, store }: typeof a) => measures.registry.look(store, { now: true });
const visits = (name: string, text = 'exists [Encounter]') => {
  const all = { 'initial-population': 'All', denominator: 'All', numerator: 'Seen' };
  const cql = cqlOf(name, `context Patient\ndefine "All": true\ndefine "Seen": ${text}\n`);
  return [
    { ...library(name, { cql }), id: `${name}-logic` },
    { ...measure(name, 'proportion', all), id: name },
  ] as const;
};
const encounter = (id: string, patient: string): Resource => ({
  resourceType: 'Encounter',
  id,
  status: 'finished',
  class: { code: 'AMB' },
  subject: { reference: `Patient/${patient}` },
});

/** Every kept answer to a measure: child, whether in the numerator. */
async function kept(name: string): Promise<string[]> {
  const rows = await database.pool.query<{ patient_id: string; content: string }>(
    `SELECT r.patient_id, w.content FROM measure_result r JOIN measure_answer w ON w.key = r.answer WHERE r.measure = $1 ORDER BY 1`,
    [name],
  );
  return rows.rows.map(({ patient_id, content }) => `${patient_id} ${content.includes('"numerator"')}`);
}

/** Runs what is due two seconds on. */
async function work({ measures, store }: typeof a): Promise<void> {
  const handlers = measures.module.jobs ?? [];
  const clock = { now: () => new Date(now.now().getTime() + 2000) };
  await createWorker({ pool: database.pool, store, handlers, clock, log: createLogger('silent') }).drain();
}

test('without a change the list stays the same object, also when others write', async () => {
  const before = a.measures.registry.measures();
  unwrap(
    await write(b.store, { resourceType: 'ValueSet', id: 'any', url: 'http://example.org/any', status: 'active' }),
  );
  await hear(a);
  expect(a.measures.registry.measures()).toBe(before);
});

test('what is posted to one server runs on all, is computed for every child, and is marked by writes to any', async () => {
  unwrap(await write(a.store, { resourceType: 'Patient', id: 'ana' }, { resourceType: 'Patient', id: 'ben' }));
  unwrap(await write(b.store, encounter('e1', 'ana')));
  await work(a);
  unwrap(await write(a.store, ...visits('Seen')));
  await hear(b);
  expect(names(b)).toContain('Seen');
  expect((await database.pool.query('SELECT FROM measure_translation')).rowCount).toBe(1);
  await work(b);
  expect(await kept('Seen')).toEqual(['ana true', 'ben false']);
  unwrap(await write(b.store, encounter('e2', 'ben')));
  await work(a);
  expect(await kept('Seen')).toEqual(['ana true', 'ben true']);
});

test('an answer that a server kept before the others had heard of the measure is computed again', async () => {
  const [logic, active] = visits('Early');
  unwrap(await write(a.store, logic, active));
  await hear(a);
  const ready = unwrap(a.measures.registry.find('Early'));
  const period = { start: '2026-01-01', end: '2026-12-31' };
  unwrap(await a.measures.currency.evaluateAll({ store: a.store, measures: [ready], period }));
  expect(await kept('Early')).toEqual(['ana true', 'ben true']);
  // As a server does that has not heard of it: the record goes, and no mark says so.
  await database.pool.query(`UPDATE resource SET deleted = true WHERE type = 'Encounter' AND id = 'e2'`);
  await work(a);
  expect(await kept('Early')).toEqual(['ana true', 'ben false']);
});

test('a changed library is another logic: everything is computed again', async () => {
  unwrap(await write(b.store, visits('Seen', 'not exists [Encounter]')[0]));
  await work(a);
  expect(await kept('Seen')).toEqual(['ana false', 'ben true']);
});

test('what is rolled back is known to nobody', async () => {
  await a.store.transact(testActor, async (tx) => {
    for (const resource of visits('Undone')) await tx.update({ ...resource } as unknown as Resource);
    return { ok: false, error: { kind: 'invalid', issues: [] } };
  });
  await hear(a);
  await hear(b);
  expect([...names(a), ...names(b)]).not.toContain('Undone');
});

describe('a measure that does not run', () => {
  test('says why: it was retired, or a draft waits for its parts', async () => {
    const [logic, active] = visits('Late');
    unwrap(await write(a.store, { ...active, status: 'draft' }));
    await hear(b);
    const found = b.measures.registry.find('http://example.org/Measure/Late');
    expect(found.ok ? '' : found.error).toEqual({
      kind: 'unprocessable',
      issues: [
        {
          code: 'not-found',
          text: 'The measure cannot run. Library http://example.org/Library/Late|1.0.0 is not here.',
          expression: ['Measure.library[0]'],
        },
      ],
    });
    unwrap(await write(b.store, logic));
    await hear(a);
    expect(unwrap(a.measures.registry.find('Measure/Late')).name).toBe('Late');
    unwrap(await write(b.store, { ...active, status: 'retired' }));
    await hear(a);
    const retired = a.measures.registry.find('Late');
    expect(retired.ok ? '' : retired.error.issues[0]?.text).toBe(
      'The measure cannot run. The Measure is retired: active and draft ones run.',
    );
  });

  test('cannot come to be by a write to a part of one that runs', async () => {
    const [logic] = visits('Seen', 'exists [Encountr]');
    expect(await refusal(write(b.store, logic))).toBe(
      'Measure/Seen needs this and could not run any more: Library Seen, line 6, column 23: Could not resolve type name Encountr.',
    );
    const removed = await a.store.transact(testActor, async (tx) => tx.delete('Library', 'Seen-logic'));
    expect(removed.ok).toBe(false);
  });
});

describe('is refused:', () => {
  test('ELM that is nested too deep', async () => {
    let node: object = { type: 'Null' };
    for (let n = 0; n < 1500; n += 1) node = { type: 'Not', operand: node };
    const elm = {
      library: {
        identifier: { id: 'Deep', version: '1.0.0' },
        statements: { def: [{ name: 'All', expression: node }] },
      },
    };
    expect(await refusal(write(a.store, { ...library('Deep', { elm }), id: 'deep' }))).toMatch(
      /nested deeper than 1000 levels/,
    );
  });

  test('content that is no base64, and ELM in XML only', async () => {
    const withContent = (contentType: string, data: string) => ({
      ...library('Odd', {}),
      id: 'odd',
      content: [{ contentType, data }],
    });
    expect(await refusal(write(a.store, withContent('text/cql', '%%%')))).toBe(
      'Library Odd: its CQL is not text in base64.',
    );
    expect(await refusal(write(a.store, withContent('application/elm+xml', 'PGEvPg==')))).toMatch(
      /ELM in XML is not read here/,
    );
  });

  test('another Library of the same URL and version than the one that a measure runs on', async () => {
    const [logic] = visits('Seen');
    expect(await refusal(write(a.store, { ...logic, id: 'twin' }))).toMatch(
      /is here more than once in the same version/,
    );
  });

  test('CQL that does not end in time; the next text has a process of its own', async () => {
    const task = { cql: cqlOf('Any', 'context Patient\ndefine "A": 1\n'), libraries: [] };
    const hasty = createTranslations(1);
    const late = await hasty.translate(task, a.store);
    expect(late.ok ? '' : late.error.issues[0]?.text).toMatch(
      /^The CQL could not be translated: it takes more time or memory/,
    );
    await hasty.close();
    const patient = createTranslations();
    expect(unwrap(await patient.translate(task, a.store)).problems).toEqual([]);
    await patient.close();
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { limits } from '../../../src/base/limits.ts';
import { createLogger } from '../../../src/base/log.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createWorker } from '../../../src/jobs/worker.ts';
import { evaluateChild } from '../../../src/measures/currency/evaluate-child.ts';
import { evaluateJobKind } from '../../../src/measures/currency/evaluate-job.ts';
import type { GroupResult } from '../../../src/measures/types.ts';
import type { Store } from '../../../src/store/types.ts';
import { createTestStore, type TestStore, testActor } from '../../support/database.ts';
import { houseMeasures, immunization, measureNamed, now, year2026 } from '../house.ts';

const house = houseMeasures();
const cis = 'childhood-immunization-status';
const wcv = 'well-child-visits';
let database: TestStore;
let store: Store;

beforeAll(async () => {
  database = await createTestStore({ effects: house.module.effects ?? [], clock: now });
  store = database.store;
});
afterAll(() => database.drop());
beforeEach(async () => {
  for (const table of ['measure_result', 'measure_subject', 'job']) await database.pool.query(`DELETE FROM ${table}`);
});

const child = (id: string, birthDate: unknown = '2024-03-10'): Resource => ({ resourceType: 'Patient', id, birthDate });

async function put(...resources: Resource[]): Promise<void> {
  const written = await store.transact(testActor, async (tx) => {
    for (const resource of resources) {
      const result = await tx.update(resource);
      if (!result.ok) return result;
    }
    return { ok: true, value: undefined };
  });
  if (!written.ok) throw new Error(written.error.issues[0]?.text);
}

const states = async () =>
  (
    await store.query<{ measure: string; patient_id: string; state: string }>(
      'SELECT measure, patient_id, state FROM measure_result ORDER BY patient_id, measure',
    )
  ).map(({ measure, patient_id, state }) => `${patient_id} ${measure} ${state}`);

const jobs = async () =>
  (
    await store.query<{ kind: string; key: string; payload: Record<string, unknown> }>(
      "SELECT kind, key, payload FROM job WHERE state = 'ready' ORDER BY key",
    )
  ).map((job) => job);

/** Runs what is queued. */
async function runQueued(): Promise<void> {
  const handlers = house.module.jobs?.filter(({ kind }) => kind === evaluateJobKind) ?? [];
  await createWorker({ pool: database.pool, store, handlers, clock: now, log: createLogger('silent') }).drain();
  expect(await jobs()).toEqual([]);
}

describe('a change marks, in its own transaction,', () => {
  test('only the measures that read the type, and only the child it is about', async () => {
    await put(child('ana'), child('ben'));
    await runQueued();
    expect(await states()).toEqual([
      `ana ${cis} current`,
      `ana ${wcv} current`,
      `ben ${cis} current`,
      `ben ${wcv} current`,
    ]);
    await put(immunization('ana-1', '03', '2025-03-12', 'ana'));
    expect(await states()).toEqual([
      `ana ${cis} stale`,
      `ana ${wcv} current`,
      `ben ${cis} current`,
      `ben ${wcv} current`,
    ]);
    expect((await jobs()).map(({ key }) => key)).toEqual([`${cis}|ana`]);
  });

  test('nothing when no measure reads the type', async () => {
    await put(child('ana'));
    await runQueued();
    await put({
      resourceType: 'Observation',
      id: 'o',
      status: 'final',
      code: { text: 'weight' },
      subject: { reference: 'Patient/ana' },
    });
    expect(await jobs()).toEqual([]);
    expect((await states()).filter((line) => line.endsWith('stale'))).toEqual([]);
  });

  test('nothing when it is rolled back', async () => {
    await put(child('ana'));
    await runQueued();
    await store.transact(testActor, async (tx) => {
      await tx.update(immunization('ana-2', '03', '2025-03-12', 'ana'));
      return { ok: false, error: { kind: 'invalid', issues: [] } };
    });
    expect(await jobs()).toEqual([]);
    expect((await states()).filter((line) => line.endsWith('stale'))).toEqual([]);
  });

  test('both children when a record moves from one to the other, and one job however many records change', async () => {
    await put(child('ana'), child('ben'), immunization('shot', '03', '2025-03-12', 'ana'));
    await runQueued();
    await put(immunization('shot', '03', '2025-03-12', 'ben'), immunization('shot-2', '21', '2025-03-12', 'ben'));
    expect((await jobs()).map(({ key }) => key)).toEqual([`${cis}|ana`, `${cis}|ben`]);
  });
});

test('a queued job stores the new answer with its evidence', async () => {
  await put(child('eve'), immunization('eve-1', '03', '2025-03-12', 'eve'));
  await runQueued();
  const [row] = await store.query<{
    populations: Pick<GroupResult, 'group' | 'units'>[];
    evidence: Record<string, string[]>;
  }>('SELECT populations, evidence FROM measure_result WHERE measure = $1 AND patient_id = $2', [cis, 'eve']);
  const mmr = row?.populations.find(({ group }) => group === 'mmr')?.units;
  expect(mmr).toEqual([
    { populations: ['initial-population', 'denominator', 'numerator'], strata: {}, observations: {} },
  ]);
  expect(row?.evidence.mmr).toEqual(['Immunization/eve-1']);
});

test('an evaluation that began before a change is kept as stale, not as current', async () => {
  await put(child('ana'));
  const measure = measureNamed(house, cis);
  // The change comes after the record was read and before the result is saved.
  const overtaken = {
    ...measure,
    evaluate: async (...question: Parameters<typeof measure.evaluate>) => {
      const answer = await measure.evaluate(...question);
      await put(immunization('ana-late', '21', '2025-03-12', 'ana'));
      return answer;
    },
  };
  await evaluateChild({ store, clock: now, requestId: 'test' }, overtaken, 'ana', year2026);
  expect((await states()).filter((line) => line.startsWith(`ana ${cis}`))).toEqual([`ana ${cis} stale`]);
  await runQueued();
  expect((await states()).filter((line) => line.startsWith(`ana ${cis}`))).toEqual([`ana ${cis} current`]);
});

test('one child with an odd record is that child’s error and nobody else’s', async () => {
  const odd = { ...immunization('odd', '03', '2025-03-12', 'cleo'), occurrenceDateTime: 20250312 };
  await put(child('ana'), child('cleo'), odd);
  const swept = await house.evaluateAll({ store });
  if (!swept.ok) throw new Error(swept.error.issues[0]?.text);
  expect(swept.value.failed).toBe(1);
  const lines = await states();
  expect(lines).toContain(`cleo ${cis} error`);
  expect(lines).toContain(`cleo ${wcv} current`);
  expect(lines).toContain(`ana ${cis} current`);
  const [row] = await store.query<{ failure: string }>("SELECT failure FROM measure_result WHERE state = 'error'");
  expect(row?.failure).toMatch(
    /^Measure childhood-immunization-status, library ChildhoodImmunizationStatus, expression "Combination 10 Numerator" \(CQL \d/,
  );
  expect(row?.failure).not.toMatch('20250312');
});

test('a deleted child has no results left', async () => {
  await put(child('dora'));
  await runQueued();
  await store.transact(testActor, (tx) => tx.delete('Patient', 'dora'));
  await runQueued();
  expect((await states()).filter((line) => line.startsWith('dora'))).toEqual([]);
});

test('results of older logic are evaluated again, current ones are not', async () => {
  await put(child('ana'));
  await house.evaluateAll({ store });
  await database.pool.query("UPDATE measure_result SET populations = '[]'");
  await database.pool.query("UPDATE measure_result SET logic_hash = 'older' WHERE measure = $1", [cis]);
  await house.evaluateAll({ store });
  const rows = await store.query<{ measure: string; populations: unknown[] }>(
    "SELECT measure, populations FROM measure_result WHERE patient_id = 'ana' ORDER BY measure",
  );
  expect(rows.map(({ measure, populations }) => [measure, populations.length])).toEqual([
    [cis, 13],
    [wcv, 0],
  ]);
});

test('the sweep goes through every measure and child in short runs, then waits for the next midnight', async () => {
  const { kind, key } = house.sweepJob;
  const many = Array.from({ length: limits.measures.subjectsPerBatch + 1 }, (_, n) => child(`many-${n}`, '2016-03-10'));
  await put(...many);
  await database.pool.query('DELETE FROM job');
  await store.transact(testActor, async (tx) => ({ ok: true, value: await tx.enqueue({ kind, key }) }));
  const handlers = house.module.jobs?.filter((handler) => handler.kind === kind) ?? [];
  const runs = await createWorker({
    pool: database.pool,
    store,
    handlers,
    clock: now,
    log: createLogger('silent'),
  }).drain();
  const lines = await states();
  for (const { id } of many) expect(lines).toContain(`${id} ${wcv} current`);
  // Two measures, each with more children than one batch holds.
  expect(runs).toBeGreaterThanOrEqual(4);
  const waiting = await store.query<{ run_at: Date }>("SELECT run_at FROM job WHERE state = 'ready'");
  expect(waiting.map(({ run_at }) => run_at.toISOString())).toEqual(['2026-12-02T00:05:00.000Z']);
});

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { watchStore } from '../../../src/access/audit/watched-store.ts';
import { limits } from '../../../src/base/limits.ts';
import { createLogger } from '../../../src/base/log.ts';
import type { Resource } from '../../../src/fhir/types.ts';
import { createWorker } from '../../../src/jobs/worker.ts';
import { sweepJob } from '../../../src/measures/currency/sweep-job.ts';
import type { ReadyMeasure } from '../../../src/measures/types.ts';
import { testActor } from '../../support/database.ts';
import { houseMeasures, immunization, measureNamed } from '../house.ts';
import { type Kept, keptAnswers } from './kept.ts';

const cis = 'childhood-immunization-status';
const wcv = 'well-child-visits';
let kept: Kept;
let both: readonly ReadyMeasure[];

beforeAll(async () => {
  const house = houseMeasures();
  both = [measureNamed(house, cis), measureNamed(house, wcv)];
  kept = await keptAnswers(both);
});
afterAll(() => kept.database.drop());
beforeEach(async () => {
  kept.measures.all = both;
  await kept.empty();
});

const child = (id: string, birthDate: unknown = '2024-03-10'): Resource => ({ resourceType: 'Patient', id, birthDate });
const allCurrent = (...ids: string[]) => ids.flatMap((id) => [`${id} ${cis} current`, `${id} ${wcv} current`]);

describe('a change marks, in its own transaction,', () => {
  test('only the measures that can see the record, and only the child it is about', async () => {
    await kept.put(child('ana'), child('ben'));
    await kept.runQueued();
    expect(await kept.states()).toEqual(allCurrent('ana', 'ben'));
    await kept.put(immunization('ana-1', '03', '2025-03-12', 'ana'));
    expect(await kept.states()).toEqual([`ana ${cis} stale`, `ana ${wcv} current`, ...allCurrent('ben')]);
    expect(await kept.queued()).toEqual(['ana']);
  });

  test('nothing when no measure reads the type', async () => {
    await kept.put(child('ana'));
    await kept.runQueued();
    const patient = { reference: 'Patient/ana' };
    await kept.put({ resourceType: 'AllergyIntolerance', id: 'milk', code: { text: 'milk' }, patient });
    expect(await kept.queued()).toEqual([]);
    expect(await kept.states()).toEqual(allCurrent('ana'));
  });

  test('nothing when it is rolled back', async () => {
    await kept.put(child('ana'));
    await kept.runQueued();
    await kept.database.store.transact(testActor, async (tx) => {
      await tx.update(immunization('ana-2', '03', '2025-03-12', 'ana'));
      return { ok: false, error: { kind: 'invalid', issues: [] } };
    });
    expect(await kept.queued()).toEqual([]);
    expect(await kept.states()).toEqual(allCurrent('ana'));
  });

  test('both children when a record moves from one to the other, and one job however many records change', async () => {
    await kept.put(child('ana'), child('ben'), immunization('shot', '03', '2025-03-12', 'ana'));
    await kept.runQueued();
    await kept.put(immunization('shot', '03', '2025-03-12', 'ben'), immunization('shot-2', '21', '2025-03-12', 'ben'));
    expect(await kept.queued()).toEqual(['ana', 'ben']);
    expect((await kept.states()).filter((line) => line.endsWith('stale'))).toEqual([
      `ana ${cis} stale`,
      `ben ${cis} stale`,
    ]);
  });

  test('a child whose record comes before its Patient', async () => {
    await kept.put(immunization('early', '03', '2025-03-12', 'eli'));
    await kept.runQueued();
    expect(await kept.states()).toEqual([]);
    await kept.put(child('eli'));
    await kept.runQueued();
    expect(await kept.states()).toEqual(allCurrent('eli'));
  });
});

test('a queued job stores the new answer with its evidence and what went in', async () => {
  await kept.put(child('eve'), immunization('eve-1', '03', '2025-03-12', 'eve'));
  await kept.runQueued();
  const [row] = await kept.database.store.query<Record<string, string> & { evidence: Record<string, string[]> }>(
    `SELECT a.content, r.evidence, r.input_hash, r.value_set_hash, r.logic_hash
       FROM measure_result r JOIN measure_answer a ON a.key = r.answer WHERE r.measure = $1 AND r.patient_id = $2`,
    [cis, 'eve'],
  );
  const { groups } = JSON.parse(row?.content ?? '') as { groups: { group: string; units: unknown[] }[] };
  expect(groups.find(({ group }) => group === 'mmr')?.units).toEqual([
    expect.objectContaining({ populations: ['initial-population', 'denominator', 'numerator'], count: 1 }),
  ]);
  expect(row?.evidence.mmr).toEqual(['Immunization/eve-1']);
  for (const hash of [row?.input_hash, row?.value_set_hash]) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  expect(row?.logic_hash).toMatch(/^[0-9a-f]{64} UTC$/);
});

test('an answer that was overtaken by a change does not count as current, nor does a late one replace a newer', async () => {
  await kept.put(child('ana'));
  // The change comes after the record was read and before the result is saved; and its own evaluation is faster.
  let overtakes = true;
  const overtaken = both.map((measure) => ({
    ...measure,
    answer: undefined,
    evaluate: async (...question: Parameters<typeof measure.evaluate>) => {
      const answer = await measure.evaluate(...question);
      if (overtakes) {
        overtakes = false;
        await kept.put(immunization('ana-late', '21', '2025-03-12', 'ana'));
        expect(await kept.queued()).toEqual([]);
        expect((await kept.states()).filter((line) => line.endsWith('current'))).toEqual([]);
      }
      return answer;
    },
  }));
  kept.measures.all = overtaken;
  await kept.runQueued();
  // The job was queued again while it ran.
  expect(await kept.states()).toEqual(allCurrent('ana'));
  expect(overtakes).toBe(false);
  const [row] = await kept.database.store.query<{ evidence: Record<string, string[]> }>(
    'SELECT evidence FROM measure_result WHERE measure = $1',
    [cis],
  );
  expect(row?.evidence.varicella).toEqual(['Immunization/ana-late']);
});

test('one child with an odd record is that child’s error and nobody else’s', async () => {
  const odd = { ...immunization('odd', '03', '2025-03-12', 'cleo'), occurrenceDateTime: 20250312 };
  await kept.put(child('ana'), child('cleo'), odd);
  const swept = await kept.currency.evaluateAll({ store: kept.database.store });
  if (!swept.ok) throw new Error(swept.error.issues[0]?.text);
  expect(swept.value.failed).toBe(1);
  expect(await kept.states()).toEqual([...allCurrent('ana'), `cleo ${cis} error`, `cleo ${wcv} current`]);
  const [row] = await kept.database.store.query<{ failure: string }>(
    'SELECT failure FROM measure_result WHERE failure IS NOT NULL',
  );
  expect(row?.failure).toMatch(/^Measure childhood-immunization-status, library \w+, expression "[^"]+" \(CQL \d/);
  expect(row?.failure).not.toMatch('20250312');
});

test('a deleted or merged child has no results left', async () => {
  await kept.put(child('dora'), child('dot'));
  await kept.runQueued();
  await kept.database.store.transact(testActor, (tx) => tx.delete('Patient', 'dora'));
  const link = [{ type: 'replaced-by', other: { reference: 'Patient/dora' } }];
  await kept.put({ ...child('dot'), link });
  await kept.runQueued();
  expect(await kept.states()).toEqual([]);
});

test('the audit trail hears of the children whose results a caller is told, and of none that is merely counted', async () => {
  await kept.put(child('ana'), child('ben'));
  const noted: string[] = [];
  const store = watchStore(
    kept.database.store,
    { one: ({ type, id }) => noted.push(`${type}/${id}`), again: () => {} },
    () => {},
  );
  const [measure] = both;
  if (!measure) throw new Error('no measure');
  const period = { start: '2026-01-01', end: '2026-12-31' };
  await kept.currency.populationAnswers(store, { measure, period });
  expect(noted).toEqual([]);
  await kept.currency.eachResult(store, { measure, period }, () => {});
  expect(noted).toEqual(['Patient/ana', 'Patient/ben']);
});

test('results of older logic are evaluated again, current ones are not', async () => {
  await kept.put(child('ana'));
  await kept.currency.evaluateAll({ store: kept.database.store });
  kept.measures.all = both.map((measure) => (measure.name === cis ? { ...measure, logicHash: 'newer' } : measure));
  const again = await kept.currency.evaluateAll({ store: kept.database.store });
  expect(again).toEqual({ ok: true, value: { evaluated: 1, failed: 0 } });
});

test('the sweep goes through all children in short runs, then waits for the next midnight', async () => {
  const { store, pool } = kept.database;
  const many = Array.from({ length: limits.measures.subjectsPerBatch + 1 }, (_, n) => child(`many-${n}`, '2016-03-10'));
  await kept.put(...many);
  await pool.query('DELETE FROM job');
  await store.transact(testActor, async (tx) => ({ ok: true, value: await tx.enqueue(sweepJob) }));
  const handlers = kept.currency.jobs.filter(({ kind }) => kind === sweepJob.kind);
  const { clock } = kept;
  const runs = await createWorker({ pool, store, handlers, clock, log: createLogger('silent') }).drain();
  const lines = await kept.states();
  for (const { id } of many) expect(lines).toContain(`${id} ${wcv} current`);
  expect(runs).toBeGreaterThanOrEqual(3);
  const waiting = await store.query<{ run_at: Date }>("SELECT run_at FROM job WHERE state = 'ready'");
  expect(waiting.map(({ run_at }) => run_at.toISOString())).toEqual(['2026-12-02T00:05:00.000Z']);
});

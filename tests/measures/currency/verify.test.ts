import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createLogger } from '../../../src/base/log.ts';
import { createWorker } from '../../../src/jobs/worker.ts';
import { verifyJobKind } from '../../../src/measures/currency/verify-job.ts';
import type { CommandInput } from '../../../src/module.ts';
import { testActor } from '../../support/database.ts';
import { type Kept, keptAnswers } from './kept.ts';
import { plainMeasures, records, shots } from './plain-measures.ts';

let kept: Kept;
beforeAll(async () => {
  kept = await keptAnswers(plainMeasures);
});
afterAll(() => kept.database.drop());
beforeEach(async () => {
  kept.measures.all = plainMeasures;
  await kept.empty();
  await kept.put(records.patient('ana', '2021-05-05', 'female'), records.patient('ben', '2021-05-05', 'male'));
  await kept.runQueued();
});

/** Makes ana's kept answer one that her record does not give. */
async function corrupt(): Promise<void> {
  const { pool } = kept.database;
  await pool.query(
    'INSERT INTO measure_answer VALUES (\'00000000-0000-0000-0000-000000000001\', \'{"groups":[],"supplemental":{}}\')',
  );
  await pool.query(
    "UPDATE measure_result SET answer = '00000000-0000-0000-0000-000000000001' WHERE patient_id = 'ana' AND measure = 'shots'",
  );
}

async function run(name: string, options: Record<string, string | boolean> = {}) {
  const lines: string[] = [];
  const command = kept.currency.commands.find((one) => one.name === name);
  const { store, clock } = { ...kept.database, clock: kept.clock };
  const input: CommandInput = {
    arguments: {},
    text: (option) => (typeof options[option] === 'string' ? options[option] : undefined),
    flag: (option) => options[option] === true,
    list: () => [],
    store,
    clock,
    log: createLogger('silent'),
    print: (line) => lines.push(line),
    progress: () => {},
  };
  const result = await command?.run(input);
  return { ok: result?.ok, text: result?.ok === false ? result.error.issues[0]?.text : undefined, lines };
}

const gauge = async (name: string) => {
  const found = await kept.currency.gauges.find((one) => one.name === name)?.read(kept.database.store);
  return Object.fromEntries((found ?? []).map(({ labels, value }) => [Object.values(labels).join(' '), value]));
};

test('a kept answer that the record does not give is counted and repaired', async () => {
  await corrupt();
  const found = await run('measures verify', { all: true });
  expect(found.ok).toBe(false);
  expect(found.lines).toEqual(['checked 10 answers of 2 children; 1 differed and were repaired', 'shots  1']);
  expect((await gauge('careweave_measure_differences')).shots).toBe(1);
  expect(await run('measures verify', { all: true })).toMatchObject({
    ok: true,
    lines: ['checked 10 answers of 2 children; 0 differed and were repaired'],
  });
});

test('the nightly job does the same, forgets what nobody has, and comes again the next night', async () => {
  await corrupt();
  const { store, pool } = kept.database;
  await pool.query(
    "INSERT INTO measure_result SELECT 'gone', period_start, period_end, patient_id, answer, failure, revision, input_hash, logic_hash, value_set_hash, evaluated_at FROM measure_result WHERE measure = 'shots'",
  );
  await store.transact(testActor, async (tx) => ({
    ok: true,
    value: await tx.enqueue({ kind: verifyJobKind, key: 'all' }),
  }));
  const handlers = kept.currency.jobs.filter(({ kind }) => kind === verifyJobKind);
  await createWorker({ pool, store, handlers, clock: kept.clock, log: createLogger('silent') }).drain();
  expect((await gauge('careweave_measure_differences')).shots).toBe(1);
  const [counts] = await store.query<{ gone: string; unused: string; used: string }>(
    `SELECT (SELECT count(*) FROM measure_result WHERE measure = 'gone') AS gone,
            (SELECT count(*) FROM measure_answer a WHERE NOT EXISTS (SELECT FROM measure_result r WHERE r.answer = a.key)) AS unused,
            (SELECT count(*) FROM measure_result r JOIN measure_answer a ON a.key = r.answer) AS used`,
  );
  expect(counts).toEqual({ gone: '0', unused: '0', used: '10' });
  const [next] = await store.query<{ run_at: Date }>("SELECT run_at FROM job WHERE kind = $1 AND state = 'ready'", [
    verifyJobKind,
  ]);
  expect(next?.run_at.toISOString()).toBe('2026-12-02T00:10:00.000Z');
});

test('a child whose record changes while it is verified is not judged', async () => {
  let changes = true;
  kept.measures.all = plainMeasures.map((measure) => ({
    ...measure,
    evaluate: async (...question: Parameters<typeof measure.evaluate>) => {
      if (changes) {
        changes = false;
        for (const [n, day] of ['2026-02-01', '2026-03-01'].entries())
          await kept.put(records.immunization(`i${n}`, 'ana', '03', day, 'completed'));
      }
      return measure.evaluate(...question);
    },
  }));
  expect((await run('measures verify', { all: true })).lines[0]).toMatch(/; 0 differed/);
});

test('the state of the answers is told by measure', async () => {
  kept.measures.all = [shots];
  await kept.put(records.immunization('i', 'ana', '03', '2026-02-01', 'completed'));
  const { lines } = await run('measures status');
  expect(lines[1]).toBe('shots  current 1  failed 0  pending 1');
  expect(await gauge('careweave_measure_answers')).toEqual({
    'shots current': 1,
    'shots failed': 0,
    'shots pending': 1,
  });
  expect((await gauge('careweave_measures_behind_seconds'))['']).toBeGreaterThanOrEqual(0);
  expect((await run('measures evaluate')).lines).toEqual(['evaluated 1 answers; 0 could not be evaluated']);
  expect((await run('measures status')).lines[1]).toBe('shots  current 2  failed 0  pending 0');
  expect((await run('measures list')).lines).toHaveLength(1);
});

test('a measure that is not there, and a period that is no year, are refused', async () => {
  expect(await run('measures verify', { measure: 'none' })).toMatchObject({
    ok: false,
    text: expect.stringMatching(/no measure/),
  });
  expect(await run('measures evaluate', { period: '2026-01' })).toMatchObject({
    ok: false,
    text: expect.stringMatching(/--period/),
  });
});

import type pg from 'pg';
import { createLogger } from '../../../src/base/log.ts';
import { createCurrency } from '../../../src/measures/currency/currency.ts';
import { evaluateJobKind } from '../../../src/measures/currency/evaluate-job.ts';
import type { ReadyMeasure } from '../../../src/measures/types.ts';
import type { ChangedChild } from './changed-child.ts';
import { processorMicros, round } from './engine-speed.ts';
import { clock, readyMeasures } from './ready.ts';
import { poolOf, storeOver } from './store-over.ts';

/** The whole of a process: see changed-child.ts. */
const [, , dataDir = ''] = process.argv;
const pool = await poolOf(dataDir);
const measured = await changedChild(pool, await readyMeasures());
await pool.end();
process.stdout.write(JSON.stringify(measured), () => process.exit());

async function changedChild(pool: pg.Pool, measures: readonly ReadyMeasure[]): Promise<ChangedChild> {
  const log = createLogger('silent');
  const store = storeOver(pool);
  const currency = createCurrency({ measures: () => measures, clock, zone: 'UTC' });
  const job = currency.jobs.find(({ kind }) => kind === evaluateJobKind);
  const evaluate = async (patientId: string) => {
    await pool.query(
      'UPDATE measure_child SET revision = revision + 1, all_changed = revision + 1 WHERE patient_id = $1',
      [patientId],
    );
    const before = [processorMicros(), performance.now()] as const;
    await job?.run(
      { kind: evaluateJobKind, key: patientId, payload: { patientId }, attempt: 1 },
      { store, log, clock },
    );
    return { micros: processorMicros() - before[0], ms: performance.now() - before[1] };
  };
  const { rows } = await pool.query<{ patient_id: string }>(
    "SELECT patient_id FROM measure_child WHERE present AND patient_id ~ '^bench-[0-9]+$' ORDER BY patient_id LIMIT 100",
  );
  // A server that has been up for a while has its logic compiled.
  for (let n = 0; n < 5; n += 1) for (const { patient_id } of rows) await evaluate(patient_id);
  const done: { micros: number; ms: number }[] = [];
  for (let n = 0; n < 3; n += 1) for (const { patient_id } of rows) done.push(await evaluate(patient_id));
  const mean = (of: (one: (typeof done)[number]) => number) =>
    done.reduce((sum, one) => sum + of(one), 0) / done.length;
  return {
    processorMs: round(mean(({ micros }) => micros) / 1000),
    elapsedMs: round(mean(({ ms }) => ms)),
    rows: measures.length,
  };
}

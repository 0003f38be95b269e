/** A process to be killed: writes pairs of resources, each pair in a transaction, and prints the number of every pair answered. */
import path from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import { ok } from '../../../src/base/errors.ts';
import { createLogger } from '../../../src/base/log.ts';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { createStore } from '../../../src/store/store.ts';

const [dataDir = '', round = ''] = process.argv.slice(2);
const log = createLogger('silent');
const database = await openDatabase({ dataDir, log });
if (!database.ok) throw new Error(database.error.issues[0]?.text);
const { pool } = database.value;
const migrated = await migrate(pool);
if (!migrated.ok) throw new Error(migrated.error.issues[0]?.text);
const definitions = loadDefinitions(path.join(import.meta.dirname, '../../../build/fhir'));
const extract = createExtractor(definitions);
const store = createStore({ pool, definitions, extract, checks: [], effects: [], clock: systemClock, log });
const actor = { kind: 'system', id: 'writer', requestId: 'r' } as const;
process.stdout.write(`pid ${process.pid}\n`);

async function write(lane: number): Promise<never> {
  for (let n = 0; ; n++) {
    const id = `${round}-${lane}-${n}`;
    const written = await store.transact(actor, async (tx) => {
      const patient = await tx.update({ resourceType: 'Patient', id, name: [{ family: 'Left' }], birthDate: '2020' });
      if (!patient.ok) return patient;
      await tx.enqueue({ kind: 'test', key: id });
      const plan = await tx.update({ resourceType: 'CarePlan', id, subject: { reference: `Patient/${id}` } });
      return plan.ok ? ok(undefined) : plan;
    });
    if (written.ok) process.stdout.write(`${id}\n`);
  }
}
await Promise.all([write(0), write(1), write(2)]);

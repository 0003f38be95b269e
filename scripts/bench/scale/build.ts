import { join } from 'node:path';
import type { Pool } from 'pg';
import { systemClock } from '../../../src/base/clock.ts';
import { ok } from '../../../src/base/errors.ts';
import { createLogger } from '../../../src/base/log.ts';
import { loadDefinitions } from '../../../src/fhir/definitions.ts';
import { createExtractor } from '../../../src/fhir/search/extract.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { createStore } from '../../../src/store/store.ts';
import type { Store } from '../../../src/store/types.ts';
import { chartOf, chartSize, type Named, shared } from '../mix/chart.ts';

/** Charts a transaction, and transactions at a time: big ones, as a bulk load has them. */
const chartsPerTransaction = 20;
const writers = 3;

const actor = { kind: 'system', id: 'bench', requestId: 'bench' } as const;

export interface Built {
  resources: number;
  children: number;
  seconds: number;
  resourcesPerSecond: number;
  /** VACUUM (ANALYZE), which PostgreSQL would do by itself in time. */
  vacuumSeconds: number;
  databaseMb: number;
}

/**
 * Writes about `wanted` resources through the store: each with its tokens, side rows, change log and version, checked by nothing and
 * with no effects (20,000 children would set off 20,000 measure evaluations, which is another benchmark). The server must not run.
 */
export async function build(dataDir: string, publicUrl: string, wanted: number): Promise<Built> {
  const log = createLogger('warn', 2);
  const database = await openDatabase({ dataDir, log });
  if (!database.ok) throw new Error('the database did not start');
  const { pool } = database.value;
  const definitions = loadDefinitions(join(import.meta.dirname, '..', '..', '..', 'build', 'fhir'));
  const extract = createExtractor(definitions, { baseUrl: `${publicUrl}/fhir` });
  const store = createStore({ pool, definitions, extract, checks: [], effects: [], clock: systemClock, log });
  try {
    const children = Math.max(1, Math.ceil(wanted / chartSize));
    const started = performance.now();
    await write(store, shared());
    await writeCharts(store, children, started);
    const seconds = (performance.now() - started) / 1000;
    const resources = children * chartSize + shared().length;
    await vacuum(pool);
    const vacuumSeconds = (performance.now() - started) / 1000 - seconds;
    const { rows } = await pool.query<{ mb: string }>('SELECT pg_database_size(current_database()) / 1048576 AS mb');
    const rate = Math.round(resources / seconds);
    return {
      resources,
      children,
      seconds: Math.round(seconds),
      resourcesPerSecond: rate,
      vacuumSeconds: Math.round(vacuumSeconds),
      databaseMb: Number(rows[0]?.mb),
    };
  } finally {
    await database.value.stop();
  }
}

async function vacuum(pool: Pool): Promise<void> {
  const client = await pool.connect();
  await client.query('SET statement_timeout = 0');
  await client.query('VACUUM (ANALYZE)');
  client.release(true);
}

async function writeCharts(store: Store, children: number, started: number): Promise<void> {
  let next = 0;
  let done = 0;
  let told = started;
  const writer = async () => {
    while (next < children) {
      const from = next;
      next = Math.min(children, from + chartsPerTransaction);
      await write(store, Array.from({ length: next - from }, (_, at) => chartOf(from + at)).flat());
      done += (Math.min(children, from + chartsPerTransaction) - from) * chartSize;
      if (performance.now() - told < 10_000) continue;
      told = performance.now();
      const rate = Math.round((done / (told - started)) * 1000);
      process.stderr.write(`${done} of ${children * chartSize} resources, ${rate} a second\n`);
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
}

async function write(store: Store, resources: readonly Named[]): Promise<void> {
  const written = await store.transact(actor, async (tx) => {
    // Asked for together, so that the store may send them together.
    const answers = await Promise.all(
      resources.map((resource) => tx.create(resource, { id: resource.id, isNew: true })),
    );
    return answers.find((answer) => !answer.ok) ?? ok(undefined);
  });
  if (!written.ok) throw new Error(`a chart was refused: ${written.error.issues[0]?.text}`);
}

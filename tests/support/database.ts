import { randomBytes } from 'node:crypto';
import path from 'node:path';
import pg from 'pg';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import type { Logger } from '../../src/base/log.ts';
import { type Definitions, loadDefinitions } from '../../src/fhir/definitions.ts';
import { createExtractor } from '../../src/fhir/search/extract.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { type Inheritance, keepInheritance } from '../../src/store/categories.ts';
import { createStore } from '../../src/store/store.ts';
import type { Actor, Store, WriteCheck, WriteConclusion, WriteEffect } from '../../src/store/types.ts';
import { adminPool, clusterVariable, type TestCluster, templateName } from './cluster.ts';
import { testLogger } from './test-log.ts';

export interface TestDatabase {
  pool: pg.Pool;
  /** How another process reaches it. */
  connection: TestCluster & { database: string };
  drop(): Promise<void>;
}

function cluster(): TestCluster {
  const text = process.env[clusterVariable];
  if (!text) throw new Error('no test database: run the tests through jest.config.mjs, whose globalSetup starts one');
  return JSON.parse(text) as TestCluster;
}

/** A migrated, empty database of its own, cloned from the template of the run. Call `drop` when done. */
export function createTestDatabase(): Promise<TestDatabase> {
  return createDatabase(templateName);
}

/** One in which nothing was ever made, not even the schema. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return createDatabase('template0');
}

async function createDatabase(template: string): Promise<TestDatabase> {
  const name = `t_${randomBytes(8).toString('hex')}`;
  const admin = adminPool(cluster(), 'postgres');
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY = FILE_COPY`);
  const connection = { ...cluster(), database: name };
  const pool = new pg.Pool({ ...connection, max: 8 });
  pool.on('error', () => {});
  // As in store/database.ts.
  pool.on('connect', (client) => client.on('error', () => {}));
  const drop = async () => {
    await pool.end();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  };
  return { pool, connection, drop };
}

export interface TestStore extends TestDatabase {
  store: Store;
  definitions: Definitions;
  log: Logger;
  clock: Clock;
}

/** Who writes in tests that do not care who writes. */
export const testActor: Actor = { kind: 'system', id: 'test', requestId: 'test' };

/** A store over a database of its own, with the compiled definitions of `build/fhir`. */
export async function createTestStore(
  options: {
    checks?: readonly WriteCheck[];
    effects?: readonly WriteEffect[];
    conclusions?: readonly WriteConclusion[];
    clock?: Clock;
    /** Our own base, so that absolute references below it are local ones. */
    baseUrl?: string;
    categorize?: (resource: Resource) => bigint;
    /** By which references records inherit categories. */
    inherits?: Inheritance;
  } = {},
): Promise<TestStore> {
  const { checks = [], effects = [], conclusions = [], clock = systemClock, baseUrl, categorize, inherits } = options;
  const definitions = loadDefinitions(path.join(import.meta.dirname, '../../build/fhir'));
  const database = await createTestDatabase();
  const log = testLogger();
  const extract = createExtractor(definitions, { ...(baseUrl !== undefined && { baseUrl }) });
  const privacy = { ...(categorize && { categorize }), ...(inherits && { inherits: () => inherits }) };
  const pool = { pool: database.pool, definitions, extract };
  const store = createStore({ ...pool, ...privacy, checks, effects, conclusions, clock, log });
  if (inherits) await keepInheritance(store, inherits);
  return { ...database, store, definitions, log, clock };
}

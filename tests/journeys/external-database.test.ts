import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type pg from 'pg';
import { backendToken } from '../../scripts/bench/backend-token.ts';
import { adminPool, type TestCluster } from '../support/cluster.ts';
import { careweave, freePorts, readyServer } from './support/server-process.ts';

/** DATABASE_URL in place of the embedded PostgreSQL: an empty database of a server that runs already. */
const scope = 'system/*.cruds';
let admin: pg.Pool;
let dataDir: string;
let name: string;
let url: string;
let settings: Record<string, string>;
beforeAll(async () => {
  const cluster: TestCluster = JSON.parse(process.env.CAREWEAVE_TEST_CLUSTER ?? '{}');
  admin = adminPool(cluster, 'postgres');
  name = `external_${process.pid}_${Date.now()}`;
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  dataDir = mkdtempSync(join(tmpdir(), 'careweave-external-'));
  const [port] = await freePorts();
  url = `http://127.0.0.1:${port}`;
  const databaseUrl = `postgresql://${cluster.user}@localhost:${cluster.port}/${name}?host=${cluster.host}`;
  settings = { PORT: String(port), DATA_DIR: dataDir, DATABASE_URL: databaseUrl };
});
afterAll(async () => {
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.end();
  rmSync(dataDir, { recursive: true, force: true });
});

test('the server migrates it, keeps everything there over a restart, and leaves it running', async () => {
  const first = await readyServer(settings);
  const made = await careweave(['client', 'add', '--name', 'Test', '--scopes', scope], settings);
  const token = await backendToken(url, made.out, scope);
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' };
  const patient = { resourceType: 'Patient', id: 'theo', name: [{ family: 'Larkspur' }] };
  const at = `${url}/fhir/Patient/theo`;
  expect((await fetch(at, { method: 'PUT', headers, body: JSON.stringify(patient) })).status).toBe(201);
  first.kill('SIGTERM');
  expect([await first.ended, first.err()]).toEqual([0, '']);
  const second = await readyServer(settings);
  expect((await fetch(at, { headers })).status).toBe(200);
  second.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
  const { rows } = await admin.query('SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE datname = $1', [
    name,
  ]);
  expect(rows).toEqual([{ sessions: 0 }]);
});

import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startEmbedded } from '../../src/store/embedded/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { chromiumPath } from './browser.ts';
import { adminPool, clusterVariable, directoryPrefix, sweep, templateName } from './cluster.ts';
import { running } from './running.ts';
import { logsVariable } from './test-log.ts';

/** Starts one PostgreSQL for all workers of the run and makes the migrated template that test files clone. */
export default async function setUp(): Promise<void> {
  if (!chromiumPath) process.stderr.write('No Chromium was found: the browser tests are skipped.\n');
  await sweep();
  process.env[logsVariable] = mkdtempSync(path.join(os.tmpdir(), 'careweave-logs-'));
  const directory = mkdtempSync(directoryPrefix);
  const started = await startEmbedded(directory, { durable: false });
  if (!started.ok) throw new Error(started.error.issues[0]?.text, { cause: started.error.cause });
  const { connection, stop } = started.value;
  running.push({ directory, stop });
  const admin = adminPool(connection, 'postgres');
  await admin.query(`CREATE DATABASE ${templateName}`);
  await admin.end();
  const template = adminPool(connection, templateName);
  const migrated = await migrate(template);
  await template.end();
  if (!migrated.ok) throw new Error(migrated.error.issues[0]?.text);
  process.env[clusterVariable] = JSON.stringify(connection);
}

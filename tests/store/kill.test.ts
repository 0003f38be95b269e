import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLogger } from '../../src/base/log.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';

const log = createLogger('silent');
let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'careweave-kill-'));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** Lets a writer answer some pairs, then kills it (and its database) without warning. Answers what it had answered. */
async function killWriter(round: number, answers: number, andDatabase: boolean): Promise<string[]> {
  const writer = path.join(import.meta.dirname, 'support/writer.ts');
  const child = spawn(process.execPath, [writer, dataDir, `round${round}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  // The pipe closes a moment before the process is gone.
  const gone = once(child, 'exit');
  const answered: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('pid ')) continue;
    answered.push(line);
    if (answered.length === answers) {
      if (andDatabase)
        process.kill(
          Number(readFileSync(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]),
          'SIGKILL',
        );
      child.kill('SIGKILL');
    }
  }
  await gone;
  expect(answered.length).toBeGreaterThanOrEqual(answers);
  return answered;
}

async function open(): Promise<Database> {
  const database = await openDatabase({ dataDir, log });
  if (!database.ok) throw new Error(database.error.issues[0]?.text);
  return database.value;
}

test('kill -9 loses nothing that was answered and leaves nothing half written', async () => {
  const answered: string[] = [];
  for (const [round, andDatabase] of [false, true, true].entries()) {
    answered.push(...(await killWriter(round, 25 + 30 * round, andDatabase)));
    const { pool, stop } = await open();
    const ids = async (sql: string) => (await pool.query<{ id: string }>(sql)).rows.map(({ id }) => id);
    const patients = await ids("SELECT id FROM resource WHERE type = 'Patient' ORDER BY id");
    expect(answered.filter((id) => !patients.includes(id))).toEqual([]);
    expect(await ids("SELECT id FROM resource WHERE type = 'CarePlan' ORDER BY id")).toEqual(patients);
    expect(await ids('SELECT key AS id FROM job ORDER BY key')).toEqual(patients);
    expect(await ids("SELECT id FROM change_log WHERE type = 'CarePlan' ORDER BY id")).toEqual(patients);
    const named =
      'SELECT DISTINCT r.id FROM resource r JOIN resource_string s USING (key) JOIN resource_date d USING (key) ORDER BY 1';
    expect(await ids(named)).toEqual(patients);
    await stop();
  }
});

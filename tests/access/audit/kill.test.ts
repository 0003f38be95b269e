import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verifyTrail } from '../../../src/access/audit/verify.ts';
import { createLogger } from '../../../src/base/log.ts';
import { openDatabase } from '../../../src/store/database.ts';

const log = createLogger('silent');
let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'careweave-audit-kill-'));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** Kills a writer, and its database, after so many answers; answers all that it had told. */
async function killWriter(round: number, answers: number, andDatabase: boolean): Promise<string[]> {
  const writer = path.join(import.meta.dirname, 'support/writer.ts');
  const child = spawn(process.execPath, [writer, dataDir, `round${round}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const told: string[] = [];
  const postmaster = () => Number(readFileSync(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0]);
  for await (const line of createInterface(child.stdout)) {
    told.push(line);
    if (told.length !== answers) continue;
    if (andDatabase) process.kill(postmaster(), 'SIGKILL');
    child.kill('SIGKILL');
  }
  await gone;
  return told;
}

test('PP-70 after kill -9 there is no write without its entry and no entry without its write, nothing told is lost, and the chain holds', async () => {
  const told: string[] = [];
  for (const [round, andDatabase] of [false, true].entries()) {
    told.push(...(await killWriter(round, 60 + 45 * round, andDatabase)));
    const database = await openDatabase({ dataDir, log });
    if (!database.ok) throw new Error(database.error.issues[0]?.text);
    const { pool, stop } = database.value;
    const sql = {
      query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
        (await pool.query<Row>(text, [...values])).rows,
    };
    const entries = await sql.query<{ request: string; act: string }>(
      `SELECT entry::json ->> 'request' AS request, entry::json ->> 'act' AS act
         FROM (SELECT entry FROM audit_event UNION ALL SELECT entry FROM audit_pending) AS known`,
    );
    const of = (isRead: boolean) =>
      entries
        .filter(({ act }) => (act === 'read') === isRead)
        .map(({ request }) => request)
        .sort();
    const patients = await sql.query<{ id: string }>(`SELECT id FROM resource WHERE type = 'Patient'`);
    expect(of(false)).toEqual(patients.map(({ id }) => id).sort());
    const answered = (what: string) =>
      told.filter((line) => line.startsWith(`${what} `)).map((line) => line.slice(what.length + 1));
    expect(answered('wrote').filter((id) => !of(false).includes(id))).toEqual([]);
    expect(answered('read').filter((id) => !of(true).includes(`read-${id}`))).toEqual([]);
    const verified = await verifyTrail(sql);
    expect(verified.broken).toBeUndefined();
    expect(verified.blocks).toBeGreaterThan(0);
    await stop();
  }
}, 60_000);

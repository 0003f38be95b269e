import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { backendToken } from '../../scripts/bench/backend-token.ts';
import { createLogger } from '../../src/base/log.ts';
import { openDatabase } from '../../src/store/database.ts';
import { readPostmaster } from '../../src/store/embedded/postmaster.ts';
import { careweave, freePorts, type Program, readyServer } from '../journeys/support/server-process.ts';
import { seeded } from '../search-oracle/random.ts';
import { checkRecords } from './check-records.ts';
import { type Lane, transactionOf } from './transactions.ts';

const rounds = Number(process.env.ATOMICITY_ROUNDS ?? 6);
jest.setTimeout(60_000 + rounds * 20_000);
const random = seeded(Number(process.env.ATOMICITY_SEED ?? 1));
const scope = 'system/*.cruds';
const lanes: Lane[] = ['lane-a', 'lane-b', 'lane-c'].map((name) => ({ name, sent: [], answered: [] }));
let dataDir: string;
let settings: Record<string, string>;
let url: string;
let server: Program | undefined;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'careweave-atomic-'));
  const [port, hospitals] = await freePorts();
  url = `http://127.0.0.1:${port}`;
  settings = { PORT: String(port), DATA_DIR: dataDir, CAREWEAVE_SANDBOX_PORT: String(hospitals) };
});
afterAll(async () => {
  server?.kill('SIGTERM');
  await server?.ended;
  rmSync(dataDir, { recursive: true, force: true });
});

/** Sends one transaction after the other until the server is gone. */
async function sendUntilGone(
  lane: Lane,
  token: string,
  known: { before?: string },
  onAnswer: () => void,
): Promise<void> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' };
  for (;;) {
    const mark = `${lane.name}-${lane.sent.length}`;
    const body = JSON.stringify(transactionOf(lane, mark, known.before));
    lane.sent.push(mark);
    const answer = await fetch(`${url}/fhir`, { method: 'POST', headers, body }).catch(() => undefined);
    if (answer === undefined) return;
    const text = await answer.text().catch(() => undefined);
    // Between the death of the database and that of the process, "not now" is the right answer.
    if (answer.status >= 500 && answer.status !== 500) return;
    expect([answer.status, answer.status === 200 ? '' : text]).toEqual([200, '']);
    lane.answered.push(mark);
    known.before = mark;
    onAnswer();
  }
}

/** The last transaction of a lane that came through, answered or not: the next one deletes its plan. */
async function lastThere(lane: Lane, token: string): Promise<string | undefined> {
  const answer = await fetch(`${url}/fhir/Basic/${lane.name}-one`, { headers: { Authorization: `Bearer ${token}` } });
  const basic: { identifier?: { value: string }[] } = await answer.json();
  return basic.identifier?.[0]?.value;
}

test(`${rounds} kills in the middle of transactions leave each of them whole or not there`, async () => {
  server = await readyServer(settings);
  const made = await careweave(['client', 'add', '--name', 'Test', '--scopes', scope], settings);
  for (let round = 0; round < rounds; round += 1) {
    const killed = server;
    const token = await backendToken(url, made.out, scope);
    const pid = readPostmaster(join(dataDir, 'postgres'))?.pid;
    const kill = () => {
      if (round % 2 === 1 && pid) process.kill(pid, 'SIGKILL');
      killed.kill('SIGKILL');
    };
    let timer: NodeJS.Timeout | undefined;
    // At any moment within the time that some transactions take, counted from when they flow.
    const onAnswer = () => {
      if (timer === undefined) timer = setTimeout(kill, random.below(400));
    };
    await Promise.all(
      lanes.map(async (lane) => {
        const before = await lastThere(lane, token);
        await sendUntilGone(lane, token, before === undefined ? {} : { before }, onAnswer);
      }),
    );
    await killed.ended;
    server = await readyServer(settings);
    await checkRecords(url, await backendToken(url, made.out, scope), lanes);
  }
  expect(lanes.flatMap(({ answered }) => answered).length).toBeGreaterThan(rounds * 3);
  await checkLog();
});

/** Under the server's feet at the end: the versions of each resource, its history and the change log are one story. */
async function checkLog(): Promise<void> {
  server?.kill('SIGKILL');
  await server?.ended;
  server = undefined;
  const opened = await openDatabase({ dataDir, log: createLogger('silent') });
  if (!opened.ok) throw new Error(opened.error.issues[0]?.text);
  const { pool, stop } = opened.value;
  const rows = async (sql: string) => (await pool.query(sql)).rows;
  const gaps = `SELECT r.type, r.id, r.version FROM resource r WHERE
    (SELECT array_agg(c.version ORDER BY c.version) FROM change_log c WHERE c.type = r.type AND c.id = r.id)
      IS DISTINCT FROM (SELECT array_agg(n) FROM generate_series(1, r.version) n)
    OR (SELECT count(*) FROM resource_history h WHERE h.key = r.key) <> r.version - 1
    OR EXISTS (SELECT FROM resource_history h WHERE h.key = r.key AND h.version >= r.version)`;
  expect(await rows(gaps)).toEqual([]);
  const orphans = `SELECT 'string' AS of, key FROM resource_string UNION SELECT 'date', key FROM resource_date
    UNION SELECT 'history', key FROM resource_history EXCEPT SELECT o.of, r.key FROM resource r, (VALUES ('string'), ('date'), ('history')) o (of)`;
  expect(await rows(orphans)).toEqual([]);
  const unlogged = `SELECT c.type, c.id, c.version FROM change_log c
    WHERE NOT EXISTS (SELECT FROM resource r WHERE r.type = c.type AND r.id = c.id AND r.version >= c.version)`;
  expect(await rows(unlogged)).toEqual([]);
  // One request, one database transaction: nothing of a request was committed apart from the rest.
  const split = `SELECT request_id FROM change_log WHERE type IN ('Patient', 'Basic', 'Observation')
    GROUP BY request_id HAVING count(DISTINCT transaction) > 1`;
  expect(await rows(split)).toEqual([]);
  await stop();
}

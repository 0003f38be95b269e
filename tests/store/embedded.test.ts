import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createLogger } from '../../src/base/log.ts';
import { openDatabase } from '../../src/store/database.ts';
import { connectOrStart, startEmbedded } from '../../src/store/embedded/embedded.ts';
import { readPostmaster } from '../../src/store/embedded/postmaster.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createTestDatabase } from '../support/database.ts';

const log = createLogger('silent');
let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'careweave-embedded-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('one sentence that says what is wrong', () => {
  test.each([
    ['not an address', 'mysql://root:secret@127.0.0.1/x', 'DATABASE_URL is not a PostgreSQL address'],
    ['nobody listens', 'postgresql://someone:secret@127.0.0.1:1/x', 'cannot be reached (ECONNREFUSED)'],
  ])('DATABASE_URL: %s', async (_name, databaseUrl, text) => {
    const answer = await openDatabase({ dataDir: path.join(root, 'unused'), databaseUrl, log });
    if (answer.ok) throw new Error('opened');
    expect(answer.error.kind).toBe('invalid');
    expect(answer.error.issues[0]?.text).toContain(text);
    expect(answer.error.issues[0]?.text).not.toContain('secret');
    expect(existsSync(path.join(root, 'unused'))).toBe(false);
  });

  test('a data directory that is a file', async () => {
    const file = path.join(root, 'file');
    writeFileSync(file, '');
    expect(await startEmbedded(path.join(file, 'data'))).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  });
});

test('DATABASE_URL leads to a database that is running already, and stopping leaves it running', async () => {
  const { connection, pool, drop } = await createTestDatabase();
  const databaseUrl = `postgresql://${connection.user}@localhost/${connection.database}?host=${connection.host}`;
  const answer = await openDatabase({ dataDir: path.join(root, 'unused'), databaseUrl, log });
  if (!answer.ok) throw new Error(answer.error.issues[0]?.text);
  expect(answer.value.kind).toBe('external');
  expect(await migrate(answer.value.pool)).toEqual({ ok: true, value: [] });
  await answer.value.stop();
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await drop();
});

test('a connection that is cut in the moment in which it is handed over ends nothing but itself', async () => {
  const { connection, drop } = await createTestDatabase();
  const databaseUrl = `postgresql://${connection.user}@localhost/${connection.database}?host=${connection.host}`;
  const answer = await openDatabase({ dataDir: path.join(root, 'unused'), databaseUrl, log });
  if (!answer.ok) throw new Error(answer.error.issues[0]?.text);
  const client = await answer.value.pool.connect();
  // As pg tells of it when no query is under way and whoever asked for it does not listen yet: without a listener this throws.
  client.emit('error', new Error('terminating connection'));
  client.release(true);
  expect((await answer.value.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await answer.value.stop();
  await drop();
});

describe('a data directory', () => {
  test('serves one owner, lets others share, leaves nothing running and nothing half made', async () => {
    const dataDir = path.join(root, 'data');
    const first = await startEmbedded(dataDir, { durable: false });
    if (!first.ok) throw new Error(first.error.issues[0]?.text);
    const postmaster = readPostmaster(path.join(dataDir, 'postgres'));

    const second = await startEmbedded(dataDir, { durable: false });
    if (second.ok) throw new Error('started twice');
    expect(second.error).toMatchObject({ kind: 'conflict' });
    expect(second.error.issues[0]?.text).toContain(`in use by another Careweave (process ${process.pid})`);

    const shared = await connectOrStart(dataDir);
    if (!shared.ok) throw new Error('not shared');
    expect(shared.value.connection).toEqual(first.value.connection);
    await shared.value.stop();
    expect(readPostmaster(path.join(dataDir, 'postgres'))).toEqual(postmaster);

    await first.value.stop();
    expect(readPostmaster(path.join(dataDir, 'postgres'))).toBeUndefined();
    expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres.log', 'socket']);
  });

  test('a lock whose process is gone, or was another process with the same id, is taken over', async () => {
    const dataDir = path.join(root, 'data');
    for (const owner of [{ pid: 2 ** 22 + 1, started: '' }, { pid: process.pid, started: 'long ago' }, 'broken']) {
      writeFileSync(path.join(dataDir, 'careweave.lock'), JSON.stringify(owner));
      const started = await startEmbedded(dataDir, { durable: false });
      if (!started.ok) throw new Error(started.error.issues[0]?.text);
      await started.value.stop();
    }
  });

  test('a path too long for a socket still starts, with a private socket directory elsewhere', async () => {
    const dataDir = path.join(root, 'x'.repeat(100));
    const started = await startEmbedded(dataDir, { durable: false });
    if (!started.ok) throw new Error(started.error.issues[0]?.text);
    const { host } = started.value.connection;
    expect(host.startsWith(root)).toBe(false);
    await started.value.stop();
    rmSync(host, { recursive: true });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { migrate } from '../../src/store/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let directory: string;
beforeEach(async () => {
  database = await createTestDatabase();
  await database.pool.query('TRUNCATE schema_migration');
  directory = mkdtempSync(path.join(os.tmpdir(), 'careweave-migrate-'));
});
afterEach(async () => {
  await database.drop();
  rmSync(directory, { recursive: true });
});

const step = (name: string, sql: string) => writeFileSync(path.join(directory, name), sql);
const run = () => migrate(database.pool, directory);

test('a schema that is newer than the code is refused', async () => {
  await database.pool.query("INSERT INTO schema_migration (number, name, checksum) VALUES (900, 'future', 'x')");
  expect(await run()).toMatchObject({ ok: false, error: { kind: 'invalid' } });
});

test('a step that was changed after it was applied is refused', async () => {
  step('001-one.sql', 'CREATE TABLE one ()');
  expect(await run()).toEqual({ ok: true, value: ['one'] });
  step('001-one.sql', 'CREATE TABLE one (a int)');
  expect(await run()).toMatchObject({ ok: false, error: { kind: 'invalid' } });
});

test('a step that fails half-way leaves nothing of itself, and those before it stay', async () => {
  step('001-one.sql', 'CREATE TABLE one ()');
  step('002-two.sql', 'CREATE TABLE two (); SELECT 1 / 0');
  await expect(run()).rejects.toThrow('division');
  step('002-two.sql', 'CREATE TABLE two ()');
  expect(await run()).toEqual({ ok: true, value: ['two'] });
});

test('two servers that start at once apply each step once', async () => {
  step('001-one.sql', 'CREATE TABLE one ()');
  step('002-two.sql', 'CREATE TABLE two ()');
  const both = await Promise.all([run(), run()]);
  expect(both.map((answer) => (answer.ok ? answer.value : [])).sort((a, b) => b.length - a.length)).toEqual([
    ['one', 'two'],
    [],
  ]);
});

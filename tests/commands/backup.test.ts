import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { migrate } from '../../src/store/migrate.ts';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../support/database.ts';
import { hospitalRecord, openTestHouse, type TestHouse } from '../support/house.ts';
import { runGround } from './run-ground.ts';

let house: TestHouse;
let source: TestDatabase['connection'];
let folder: string;
let file: string;
let made: string;

const run = (connection: TestDatabase['connection'], ...words: string[]) => runGround(folder, connection, ...words);

async function count(database: TestDatabase, sql: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: string }>(`SELECT count(*) AS n ${sql}`);
  return Number(rows[0]?.n);
}

const tables = `FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'careweave-backup-'));
  file = join(folder, 'whole.cw');
  house = await openTestHouse();
  const [row] = await house.store.query<{ database: string }>('SELECT current_database() AS database');
  const other = await createTestDatabase();
  source = { ...other.connection, database: row?.database ?? '' };
  await other.drop();
  expect((await house.fhir('POST', '', hospitalRecord('lakeside', 'hazel-ironwood'))).status).toBe(200);
  // Texts that are hard to keep: what ends a line elsewhere, what JSON and PostgreSQL escape, a number that keeps its decimals.
  const told = { resourceType: 'Basic', id: 'hard', code: { text: 'a\u2028b\r\nc\t"d"\\e {f,NULL} é 😀' } };
  const amount = `{"resourceType":"Observation","id":"decimals","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.10}}`;
  expect((await house.fhir('PUT', '/Basic/hard', told)).status).toBe(201);
  expect((await house.fhir('PUT', '/Observation/decimals', amount)).status).toBe(201);
  expect((await house.fhir('PUT', '/Basic/hard', { ...told, author: { display: 'x' } })).status).toBe(200);
  // Sealed, so that the trail in the backup has a block.
  await house.command('audit', 'verify');
  made = await run(source, 'backup', file);
}, 120_000);

afterAll(async () => {
  await house?.shut();
  rmSync(folder, { recursive: true, force: true });
});

describe('TH-64 nothing is restored', () => {
  let empty: TestDatabase;
  beforeAll(async () => {
    empty = await createEmptyDatabase();
  });
  afterAll(() => empty.drop());

  /** The backup with its text changed. */
  function changed(name: string, change: (text: string) => string): string {
    const path = join(folder, name);
    writeFileSync(path, gzipSync(change(gunzipSync(readFileSync(file)).toString('utf8'))));
    return path;
  }

  test('over a database that has the tables of one, with records or without', async () => {
    const text = 'This database is not empty: a restore takes an empty one, and never writes over records.';
    expect(await run(source, 'restore', file)).toBe(text);
    const migrated = await createTestDatabase();
    expect(await run(migrated.connection, 'restore', file)).toBe(text);
    await migrated.drop();
  });

  test.each([
    ['one character of a record', (text: string) => text.replace('1.10', '1.20'), /its digest does not hold/],
    [
      'one character of a record, with a digest that fits',
      (text: string) => {
        const body = `${text.replace('1.10', '1.20').trimEnd().split('\n').slice(0, -1).join('\n')}\n`;
        return `${body}${JSON.stringify({ rows: '1', digest: createHash('sha256').update(body).digest('hex') })}\n`;
      },
      /What was restored of resource is not/,
    ],
    ['the last line', (text: string) => `${text.trimEnd().split('\n').slice(0, -1).join('\n')}\n`, /cut short/],
    ['half of it', (text: string) => text.slice(0, text.length / 2), /cut short|not fit|no whole backup/],
    ['a line behind the end', (text: string) => `${text}[]\n`, /goes on behind its end/],
    ['the step of a newer schema', (text: string) => text.replace('"number":1,', '"number":999,'), /database step/],
    ['a step of another text', (text: string) => text.replace(/"checksum":"../, '"checksum":"zz'), /database step 1/],
    ['a newer format', (text: string) => text.replace('"format":1', '"format":2'), /newer Careweave/],
    [
      'a table of somebody else',
      (text: string) => text.replace('"name":"app_state"', '"name":"pg_authid"'),
      /tables of the backup/,
    ],
  ])('when what was changed is %s', async (name, change, text) => {
    expect(await run(empty.connection, 'restore', changed(`${name.replaceAll(' ', '-')}.cw`, change))).toMatch(text);
    expect(await count(empty, tables)).toBe(0);
  });

  test('of a file that is none, cut off, or not there', async () => {
    const cut = join(folder, 'cut.cw');
    writeFileSync(cut, readFileSync(file).subarray(0, 20_000));
    expect(await run(empty.connection, 'restore', cut)).toMatch(/no whole backup|cut short/);
    const none = join(folder, 'none.cw');
    writeFileSync(none, 'select 1;');
    expect(await run(empty.connection, 'restore', none)).toMatch(/no whole backup/);
    expect(await run(empty.connection, 'restore', join(folder, 'absent.cw'))).toMatch(/no such file/);
    expect(await count(empty, tables)).toBe(0);
  });

  test('when the audit trail in it was changed, whatever the sums say', async () => {
    const before = await createEmptyDatabase();
    expect(await run(before.connection, 'restore', file)).toMatch(/"holds":true/);
    await before.pool.query(`ALTER TABLE audit_event DISABLE TRIGGER USER`);
    await before.pool.query(
      `UPDATE audit_event SET entry = replace(entry, 'success', 'refused') WHERE seq = (SELECT min(seq) FROM audit_event)`,
    );
    const forged = join(folder, 'forged.cw');
    await run(before.connection, 'backup', forged);
    expect(await run(empty.connection, 'restore', forged)).toMatch(
      /audit trail of the backup does not hold at block 1/,
    );
    expect(await count(empty, tables)).toBe(0);
    await before.drop();
  });
});

describe('TH-64 no backup is made', () => {
  test('over another file, into a folder that is not there, or of a database that is not ours', async () => {
    const before = statSync(file).mtimeMs;
    expect(await run(source, 'backup', file)).toMatch(/never writes over another/);
    expect(statSync(file).mtimeMs).toBe(before);
    expect(await run(source, 'backup', join(folder, 'no', 'such.cw'))).toMatch(/cannot be written there \(ENOENT\)/);
    const empty = await createEmptyDatabase();
    expect(await run(empty.connection, 'backup', join(folder, 'nothing.cw'))).toMatch(/audit trail|nothing to back up/);
    await empty.drop();
    expect(readdirSync(folder).filter((name) => name.endsWith('.part') || name === 'nothing.cw')).toEqual([]);
  });
});

describe('TH-64 backup, verify and restore', () => {
  test('only the owner may read the file, and it says what is in it', () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(JSON.parse(made)).toMatchObject({ schema: expect.any(Number), rows: expect.any(Number) });
  });

  test('a backup is verified in a PostgreSQL of its own, of which nothing stays', async () => {
    const said = JSON.parse(await run(source, 'backup', 'verify', file));
    expect(said).toEqual({ ...JSON.parse(made), holds: true });
    expect(readdirSync(join(folder, 'data'))).toEqual([]);
  });

  test('a house over what was restored answers as the one before, and goes on', async () => {
    const target = await createEmptyDatabase();
    expect(await run(target.connection, 'restore', file)).toMatch(/"holds":true/);
    expect(await migrate(target.pool)).toEqual({ ok: true, value: [] });
    const other = await openTestHouse({ database: target });
    try {
      for (const path of ['/Observation/decimals', '/Basic/hard', '/Basic/hard/_history/1']) {
        const [was, is] = await Promise.all([house.fhir('GET', path), other.fhir('GET', path)]);
        expect({ path, ...is }).toEqual({ path, ...was });
      }
      const everything = async (one: TestHouse) => {
        const found = await one.fhir('GET', '/Patient?_summary=count');
        const history = await one.fhir('GET', '/_history?_count=5&_summary=count');
        return [found.json.total, history.status];
      };
      expect(await everything(other)).toEqual(await everything(house));
      const created = await other.fhir('POST', '/Basic', { resourceType: 'Basic', code: { text: 'new' } });
      expect(created.status).toBe(201);
      expect((await other.fhir('GET', `/Basic/_history?_count=1`)).json.entry[0].resource.id).toBe(created.json.id);
      expect(await other.command('audit', 'verify')).toMatch(/"holds":true/);
      const told = await other.store.query<{ detail: string }>(
        `SELECT entry::json ->> 'detail' AS detail FROM audit_event WHERE act = 'administration' ORDER BY seq`,
      );
      expect(told.map(({ detail }) => detail)).toEqual(expect.arrayContaining(['backup', 'restore']));
    } finally {
      await other.shut();
    }
  });

  test('what people have allowed apps does not come back to life', async () => {
    const grant = `INSERT INTO auth_grant (id, client_id, fhir_user, scopes, created_at, expires_at)
      SELECT gen_random_uuid(), id, 'Practitioner/x', 'openid', now(), now() + interval '1 day' FROM auth_client LIMIT 1`;
    await house.store.query(grant);
    const second = join(folder, 'second.cw');
    await run(source, 'backup', second);
    const target = await createEmptyDatabase();
    expect(await run(target.connection, 'restore', second)).toMatch(/"endedAccesses":1/);
    expect(await count(target, 'FROM auth_grant WHERE revoked_at IS NULL')).toBe(0);
    await target.drop();
  });

  test('everything in it belongs to one moment, also while others write', async () => {
    let writing = true;
    const writer = (async () => {
      for (let at = 0; writing; at += 1) {
        const body = ['a', 'b'].map((id) => ({
          resource: { resourceType: 'Basic', id: `pair-${id}`, code: { text: String(at) } },
          request: { method: 'PUT', url: `Basic/pair-${id}` },
        }));
        await house.fhir('POST', '', { resourceType: 'Bundle', type: 'transaction', entry: body });
      }
    })();
    const busy = join(folder, 'busy.cw');
    await run(source, 'backup', busy);
    writing = false;
    await writer;
    const target = await createEmptyDatabase();
    expect(await run(target.connection, 'restore', busy)).toMatch(/"holds":true/);
    const { rows } = await target.pool.query(
      `SELECT DISTINCT content::json -> 'code' ->> 'text' AS at FROM resource WHERE id IN ('pair-a', 'pair-b')`,
    );
    expect(rows.length).toBeLessThanOrEqual(1);
    expect(
      await count(
        target,
        `FROM resource r WHERE version > 1 AND version - 1 <> (SELECT count(*) FROM resource_history h WHERE h.key = r.key)`,
      ),
    ).toBe(0);
    await target.drop();
    expect(existsSync(busy)).toBe(true);
  });
});

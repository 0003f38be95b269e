import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { notErased } from '../../src/ehr/pull/not-erased.ts';
import { erasures, keptTables } from '../../src/store/erase/rules.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { hospitalRecord, openTestHouse, type TestHouse } from '../support/house.ts';
import { runGround } from './run-ground.ts';

let house: TestHouse;
let source: TestDatabase;
let folder: string;
let child: string;
let sibling: string;

const run = (...words: string[]) => runGround(folder, source.connection, 'erase', ...words);

async function tablesWith(...texts: string[]): Promise<string[]> {
  const found: string[] = [];
  const { rows } = await source.pool.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  for (const { name } of rows) {
    const held = `SELECT 1 FROM ${name} t WHERE EXISTS (SELECT FROM unnest($1::text[]) x WHERE strpos(t::text, x) > 0) LIMIT 1`;
    if ((await source.pool.query(held, [texts])).rows.length > 0) found.push(name);
  }
  return found;
}

async function created(resource: object): Promise<string> {
  const made = await house.fhir('POST', `/${(resource as { resourceType: string }).resourceType}`, resource);
  if (made.status !== 201) throw new Error(made.text);
  return made.json.id;
}

const wordOf = (report: string): string => JSON.parse(report).confirm;

/** What rows beside the records say of a child: those of a site, of accounts and apps, of jobs. */
const beside = (id: string, relative: string) => [
  `INSERT INTO ehr_link (site, type, ehr_id, id, mirror, how) VALUES ('s', 'Patient', 'at-site-${id}', '${id}', true, 'new')`,
  `INSERT INTO ehr_seen (site, slice, type, ehr_id, content_hash, run_id) VALUES ('s', 'at-site-${id}', 'Condition', 'c-${id}', 'h', 1), ('s', 'at-site-${id}', 'Practitioner', 'shared', 'h', 1)`,
  `INSERT INTO ehr_raw (site, type, ehr_id, content_hash, body, fetched_at, run_id) VALUES ('s', 'Condition', 'c-${id}', 'h', 'of ${id}', now(), 1)`,
  `INSERT INTO ehr_slice (site, patient, run_id, pulled_at) VALUES ('s', 'at-site-${id}', 1, now())`,
  `INSERT INTO job (kind, key, payload, run_at) VALUES ('x', 'k-${id}', '{"deep": [{"of": "Patient/${id}"}]}', now())`,
  `INSERT INTO async_request (id, owner, request, state, progress, answer, asked_at, heard_at) VALUES (gen_random_uuid(), 'o', 'r', 'done', '', '${id}', now(), now())`,
  `INSERT INTO app_state (id, version, code_system, code, subject, circle, content, updated_at) VALUES (gen_random_uuid(), 1, 's', 'c', 'http://x/fhir/Patient/${id}', 'staff', 'x', now())`,
  `INSERT INTO auth_grant (id, client_id, fhir_user, patient_id, scopes, created_at, expires_at) SELECT gen_random_uuid(), id, 'Practitioner/p', '${id}', 's', now(), now() + interval '1 day' FROM auth_client LIMIT 1`,
  `WITH a AS (INSERT INTO auth_account (id, username, created_at) VALUES (gen_random_uuid(), 'relative of ${id}', now()) RETURNING id)
   INSERT INTO auth_account_link (fhir_user, account_id) SELECT 'RelatedPerson/${relative}', id FROM a`,
  `INSERT INTO measure_child (patient_id, present) VALUES ('${id}', true) ON CONFLICT DO NOTHING`,
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'careweave-erase-'));
  source = await createTestDatabase();
  house = await openTestHouse({ database: source });
  await house.token();
  await source.pool.query(
    `INSERT INTO ehr_raw (site, type, ehr_id, content_hash, body, fetched_at, run_id) VALUES ('s', 'Practitioner', 'shared', 'h', 'stays', now(), 1)`,
  );
  const ids: string[] = [];
  for (const name of ['hazel-ironwood', 'dashiell-moss']) {
    const loaded = await house.fhir('POST', '', hospitalRecord('lakeside', name));
    const at = loaded.json.entry.map((one: any) => one.response.location).find((one: string) => /Patient\//.test(one));
    const id = /Patient\/([^/]+)/.exec(at)?.[1] ?? '';
    ids.push(id);
    const relative = await created({ resourceType: 'RelatedPerson', patient: { reference: `Patient/${id}` } });
    for (const text of beside(id, relative)) await source.pool.query(text);
  }
  [child = '', sibling = ''] = ids;
  // A version of before that says more than the one of now, and a record that was deleted.
  const note = { resourceType: 'Basic', id: `note-of-${child}`, subject: { reference: `Patient/${child}` } };
  await house.fhir('PUT', `/Basic/${note.id}`, { ...note, code: { text: 'only before' } });
  await house.fhir('PUT', `/Basic/${note.id}`, { ...note, code: { text: 'now' } });
  await house.fhir('DELETE', `/Basic/${note.id}`);
}, 120_000);

afterAll(async () => {
  await house?.shut();
  rmSync(folder, { recursive: true, force: true });
});

test('TH-64 every table of the schema is said to be erased in or kept, and each column that names a child, a person or a record is looked at', async () => {
  const said = new Map(erasures);
  const { rows } = await source.pool.query<{ table: string; columns: string[] }>(
    `SELECT c.relname AS table, array_agg(a.attname::text) AS columns FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
      WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace GROUP BY 1 ORDER BY 1`,
  );
  const unsaid: string[] = [];
  for (const { table, columns } of rows) {
    const where = said.get(table);
    if ((where === undefined) === (keptTables[table] === undefined)) unsaid.push(`${table}: erased, or kept`);
    if (where !== undefined && columns.includes('patient_id') && !/patient_id|\bkey IN/.test(where))
      unsaid.push(`${table}.patient_id`);
    const isKeptForLaw = /trail/.test(keptTables[table] ?? '');
    if (where === undefined && !isKeptForLaw && columns.includes('patient_id'))
      unsaid.push(`${table}: kept, with a patient`);
  }
  expect(unsaid).toEqual([]);
});

test('TH-64 nothing is erased while nobody has said what is erased in a new table', async () => {
  await source.pool.query('CREATE TABLE made_tomorrow (patient_id text)');
  expect(await run(`Patient/${child}`)).toMatch(/Nobody has said what is erased in the table made_tomorrow/);
  await source.pool.query('DROP TABLE made_tomorrow');
});

test('TH-64 nothing is erased of a child that is not there, of no child, or with another word than the report’s', async () => {
  expect(await run('Patient/nobody')).toBe('There is no such Patient.');
  expect(await run('Observation/x')).toBe('The child is named as Patient/id.');
  expect(await run(`Patient/${child}`, '--also', `Patient/${sibling}`)).toMatch(/that is no Patient/);
  expect(await run(`Patient/${child}`, '--also', 'Bundle/absent')).toMatch(/not there/);
  expect(await run(`Patient/${child}`, '--confirm', 'yes')).toMatch(/not the word of the report/);
  const report = await run(`Patient/${child}`);
  expect(JSON.parse(report)).toMatchObject({ erased: false, records: { Patient: 1, RelatedPerson: 1, Basic: 1 } });
  expect(await run(`Patient/${sibling}`, '--confirm', wordOf(report))).toMatch(/not the word of the report/);
  expect((await house.fhir('GET', `/Patient/${child}`)).status).toBe(200);
});

test('TH-64 nothing is erased while a server works with the database', async () => {
  const other = new pg.Pool({ ...source.connection, application_name: 'careweave', max: 1 });
  await other.query('SELECT 1');
  const word = wordOf(await run(`Patient/${child}`));
  expect(await run(`Patient/${child}`, '--confirm', word)).toMatch(/stop it before a child is erased/);
  await other.end();
});

test('TH-64 a record in which other children are too stops it, and so does one that stays and refers to the child', async () => {
  const member = (id: string) => ({ entity: { reference: `Patient/${id}` } });
  const group = await created({
    resourceType: 'Group',
    type: 'person',
    actual: true,
    member: [member(child), member(sibling)],
  });
  expect(await run(`Patient/${child}`)).toBe(
    `Other children are in these records too; take the child out of them first: Group/${group}.`,
  );
  await house.fhir('PUT', `/Group/${group}`, {
    resourceType: 'Group',
    id: group,
    type: 'person',
    actual: true,
    member: [member(sibling)],
  });
  const library = await created({
    resourceType: 'Library',
    status: 'draft',
    type: { text: 'x' },
    relatedArtifact: [{ type: 'citation', display: 'x', resource: `Patient/${child}` }],
  });
  const report = JSON.parse(await run(`Patient/${child}`));
  expect(report.mentions).toEqual({ current: [`Library/${library}`], former: 1 });
  expect(await run(`Patient/${child}`, '--confirm', report.confirm)).toMatch(
    `(--also), or say --leave-mentions: Library/${library}.`,
  );
  const also = JSON.parse(await run(`Patient/${child}`, '--also', `Library/${library}`));
  expect(also).toMatchObject({ records: { Library: 1 }, mentions: { current: [] } });
  expect(also.confirm).not.toBe(report.confirm);
  await house.fhir('DELETE', `/Library/${library}`);
});

test('TH-64 the child is gone from every table, with every version; the trail stays whole, and tells of it; others keep theirs', async () => {
  const { rows } = await source.pool.query<{ id: string }>('SELECT id FROM resource WHERE patient_id = $1', [child]);
  const ids = rows.map(({ id }) => id);
  const before = JSON.parse(await run(`Patient/${sibling}`));
  // What the deleted Library and the former version of the Group said stays, by the operator's leave.
  const word = wordOf(await run(`Patient/${child}`));
  const report = JSON.parse(await run(`Patient/${child}`, '--confirm', word, '--leave-mentions'));
  expect(report).toMatchObject({ erased: true, mentions: { current: [], former: 2 } });
  for (const table of [
    'resource',
    'resource_history',
    'change_log',
    'ehr_raw',
    'ehr_link',
    'job',
    'app_state',
    'auth_grant',
    'auth_account',
  ])
    expect([table, report.rows[table] > 0]).toEqual([table, true]);
  const holding = await tablesWith(child, ...ids);
  expect(holding.filter((table) => !table.startsWith('audit_'))).toEqual(['resource_history']);
  const left = await source.pool.query(
    `SELECT DISTINCT r.type FROM resource_history h JOIN resource r USING (key) WHERE strpos(h.content, $1) > 0`,
    [child],
  );
  expect(left.rows.map(({ type }) => type).sort()).toEqual(['Group', 'Library']);
  expect((await house.fhir('GET', `/Patient/${child}`)).status).toBe(404);
  expect((await house.fhir('GET', `/Basic/note-of-${child}/_history/1`)).status).toBe(404);
  expect(JSON.parse(await run(`Patient/${sibling}`)).records).toEqual(before.records);
  expect((await source.pool.query(`SELECT body FROM ehr_raw ORDER BY body`)).rows).toEqual([
    { body: `of ${sibling}` },
    { body: 'stays' },
  ]);
  expect(await house.command('audit', 'verify')).toMatch(/"holds":true/);
  const told = await source.pool.query(`SELECT patients FROM audit_event WHERE entry::json ->> 'detail' = 'erase'`);
  expect(told.rows).toEqual([{ patients: [child] }]);
});

test('TH-64 no sync brings the child back', async () => {
  expect(await notErased(house.store, 's', [`at-site-${child}`, `at-site-${sibling}`])).toEqual([`at-site-${sibling}`]);
  expect(await notErased(house.store, 'other', [`at-site-${child}`])).toEqual([`at-site-${child}`]);
});

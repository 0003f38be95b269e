import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { backendToken } from '../../scripts/bench/backend-token.ts';
import { readPostmaster } from '../../src/store/embedded/postmaster.ts';
import { isAlive } from '../../src/store/embedded/process.ts';
import { careweave, freePorts, type Program, readyServer, runProgram, runServer } from './support/server-process.ts';

/** The server as a new user meets it: started, asked, stopped, started again, and started wrongly. */
const root = join(import.meta.dirname, '..', '..');
let base: string;
let dataDir: string;
let port: number;
let sandboxPort: number;
let settings: Record<string, string>;
beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'careweave-start-'));
  dataDir = join(base, 'data');
  [port, sandboxPort] = await freePorts();
  settings = { PORT: String(port), DATA_DIR: dataDir, CAREWEAVE_SANDBOX_PORT: String(sandboxPort) };
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** One line that is one sentence, and an exit code that says so. */
async function complains(program: Program): Promise<string> {
  expect([await program.ended, program.out()]).toEqual([1, '']);
  expect(program.err()).toMatch(/^[^\n]+\.\n$/);
  return program.err().trim();
}

describe('what is wrong is one sentence, and nothing is made', () => {
  afterEach(() => expect(existsSync(dataDir)).toBe(false));

  test.each<[string, Record<string, string>, RegExp]>([
    [
      'an unknown setting',
      { CAREWEAVE_COLOUR: 'red' },
      /^The setting CAREWEAVE_COLOUR is not one .*: remove it, or use/,
    ],
    ['a wrong port', { PORT: 'eighty' }, /^PORT must be a port number from 1 to 65535\.$/],
    ['a wrong log level', { CAREWEAVE_LOG_LEVEL: 'loud' }, /^CAREWEAVE_LOG_LEVEL must be one of fatal, /],
    ['a wrong public address', { PUBLIC_URL: 'plans.example.org' }, /^PUBLIC_URL must be an http or https URL/],
    [
      'an address of another machine',
      { HOST: '192.0.2.1' },
      /^Cannot listen on 192\.0\.2\.1:\d+ \(EADDRNOTAVAIL\): check HOST/,
    ],
    [
      'a database of another make',
      { DATABASE_URL: 'mysql://who:secret@127.0.0.1/x' },
      /^DATABASE_URL is not a PostgreSQL/,
    ],
    [
      'a database address that is none',
      { DATABASE_URL: 'postgresql://who:secret@127.0.0.1:door/x' },
      /^DATABASE_URL is not a PostgreSQL/,
    ],
    [
      'a database nobody serves',
      { DATABASE_URL: 'postgresql://who:secret@127.0.0.1:1/x' },
      /cannot be reached \(ECONNREFUSED\): check that/,
    ],
    [
      'a database on no machine',
      { DATABASE_URL: 'postgresql://who:secret@db.invalid/x' },
      /cannot be reached \(E\w+\): check that/,
    ],
  ])('%s', async (_name, wrong, text) => {
    const sentence = await complains(runServer({ ...settings, ...wrong }));
    expect(sentence).toMatch(text);
    expect(sentence).not.toContain('secret');
  });

  test('an unknown argument', async () => {
    expect(await complains(runServer(settings, ['--emtpy']))).toMatch(
      /does not know the argument --emtpy: the only one/,
    );
  });

  test('a database or a user that PostgreSQL does not know', async () => {
    const { host, user } = JSON.parse(process.env.CAREWEAVE_TEST_CLUSTER ?? '{}');
    const at = (who: string, database: string) => `postgresql://${who}@localhost/${database}?host=${host}`;
    const noDatabase = runServer({ ...settings, DATABASE_URL: at(user, 'nowhere') });
    expect(await complains(noDatabase)).toContain('cannot be reached (3D000): check that');
    const noUser = runServer({ ...settings, DATABASE_URL: at('nobody', 'postgres') });
    expect(await complains(noUser)).toContain('cannot be reached (28000): check that');
  });

  test('a data directory that cannot be made, is a file, or may not be written', async () => {
    const file = join(base, 'file');
    writeFileSync(file, 'mine');
    for (const place of [join(file, 'data'), file, '/sys/careweave', '/sys'])
      expect(await complains(runServer({ ...settings, DATA_DIR: place }))).toMatch(
        /^The data directory .*: set DATA_DIR/,
      );
  });

  test('a taken port, also where the hospitals of the demo would listen', async () => {
    const other = await occupy(port);
    await complains(runServer(settings))
      .then((sentence) => expect(sentence).toMatch(/^Port \d+ is taken by another program: stop it, or choose/))
      .finally(() => free(other));
    const hospital = await occupy(sandboxPort);
    expect(await complains(runServer(settings, []))).toMatch(/^Port \d+, where the demo's hospitals listen, is taken/);
    await free(hospital);
  });

  test('a checkout that was not built', async () => {
    const clone = join(base, 'clone');
    mkdirSync(clone);
    for (const name of ['src', 'fixtures', 'node_modules', 'package.json'])
      symlinkSync(join(root, name), join(clone, name));
    const words = ['--preserve-symlinks', '--preserve-symlinks-main', join(clone, 'src', 'main.ts'), '--empty'];
    expect(await complains(runProgram(words, settings))).toMatch(
      /^The built files in build\/fhir are missing: run npm start/,
    );
  });
});

describe('a server on a new data directory', () => {
  let server: Program;
  let url: string;
  let token: string;
  const scope = 'system/*.cruds';

  beforeAll(async () => {
    url = `http://127.0.0.1:${port}`;
    server = await readyServer(settings);
  });
  afterAll(() => server?.kill('SIGKILL'));

  const create = (body: object) =>
    fetch(`${url}/fhir/Patient`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' },
      body: JSON.stringify(body),
    });
  const familyNames = async () => {
    const answer = await fetch(`${url}/fhir/Patient?_sort=_lastUpdated`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    const bundle: { entry?: { resource: { name: { family: string }[] } }[] } = await answer.json();
    return (bundle.entry ?? []).map(({ resource }) => resource.name[0]?.family);
  };

  test('prints the ready line and nothing of a demo', () => {
    expect(server.out().split('\n')[0]).toBe(`careweave ready at ${url}`);
    expect(server.out()).not.toContain('/ehr/');
    expect(server.err()).toBe('');
  });

  test.each([
    '/',
    '/health/live',
    '/health/ready',
    '/metrics',
    '/fhir/metadata',
    '/fhir/.well-known/smart-configuration',
    '/.well-known/jwks.json',
    '/cds-services',
  ])('%s answers everybody', async (path) => {
    expect((await fetch(`${url}${path}`)).status).toBe(200);
  });

  test.each([
    ['GET', '/fhir/Patient'],
    ['GET', '/fhir/Patient/one'],
    ['GET', '/fhir/Patient/one/_history'],
    ['GET', '/fhir/Patient/one/_history/1'],
    ['GET', '/fhir/Observation?patient=one'],
    ['POST', '/fhir/Patient/_search'],
    ['POST', '/fhir/Patient'],
    ['PUT', '/fhir/Patient/one'],
    ['DELETE', '/fhir/Patient/one'],
    ['POST', '/fhir'],
    ['GET', '/fhir/Measure/childhood-immunization-status/$evaluate-measure'],
    ['POST', '/cds-services/careweave-shared-plan'],
  ])('%s %s is refused without a token', async (method, path) => {
    const headers = { 'Content-Type': 'application/fhir+json' };
    const body = method === 'GET' || method === 'DELETE' ? undefined : '{}';
    expect((await fetch(`${url}${path}`, { method, headers, body })).status).toBe(401);
  });

  test('a second server on the same data directory is told whose it is', async () => {
    const [other] = await freePorts();
    const sentence = await complains(runServer({ ...settings, PORT: String(other) }));
    expect(sentence).toContain(`in use by another Careweave (process ${server.pid}): stop it`);
  });

  test('commands work beside it', async () => {
    const made = await careweave(['client', 'add', '--name', 'Test', '--scopes', scope], settings);
    expect([made.code, made.err]).toEqual([0, '']);
    token = await backendToken(url, made.out, scope);
    expect((await create({ resourceType: 'Patient', name: [{ family: 'Larkspur' }] })).status).toBe(201);
    expect((await careweave(['doctor'], settings)).out).toContain('Patient: 1');
  });

  test('a command that was given no PORT still speaks in the name of the server', async () => {
    const { PORT: _port, ...without } = settings;
    const help = await careweave(['help'], without);
    expect(help.out).toContain(`the key published at ${url}/.well-known/jwks.json`);
    const clinician = `${url}/clinician/callback`;
    const asked = new URLSearchParams({
      response_type: 'code',
      client_id: 'careweave-clinician',
      redirect_uri: clinician,
    });
    const answer = await fetch(`${url}/auth/authorize?${asked}`, { redirect: 'manual' });
    expect(answer.headers.get('location')).toMatch(new RegExp(`^${clinician}\\?`));
  });

  test.each([
    ['an unknown command', ['frobnicate'], /^There is no such command/],
    ['a missing option', ['client', 'add', '--scopes', scope], /^--name is missing\. Usage: careweave client add/],
    ['an unknown option', ['sync', 'status', '--fast'], /^Unknown option '--fast'\. Usage: careweave sync status/],
    ['an unknown site', ['sync', 'run', 'nowhere'], /site/],
  ])('a command line with %s is one line', async (_name, words, text) => {
    const done = await careweave(words, settings);
    expect([done.code, done.out]).toEqual([1, '']);
    expect(done.err).toMatch(text);
    expect(done.err.trim().split('\n')).toHaveLength(1);
  });

  test('SIGTERM lets a request under way finish and stops PostgreSQL', async () => {
    const database = readPostmaster(join(dataDir, 'postgres'))?.pid ?? 0;
    const headers = {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/fhir+json',
      Connection: 'keep-alive',
    };
    const [before, after] = ['{"resourceType":"Patient","name":[{"fam', 'ily":"Penhallow"}]}'];
    const slow = request(`${url}/fhir/Patient`, { method: 'POST', headers });
    const status = new Promise((resolve, reject) => {
      slow.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode)));
      slow.on('error', reject);
    });
    await new Promise<void>((resolve) => slow.write(before, () => resolve()));
    // Answered after it: so the server has begun with the slow one.
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    server.kill('SIGTERM');
    await refuses(port);
    slow.end(after);
    expect(await status).toBe(201);
    expect(await server.ended).toBe(0);
    expect(isAlive(database)).toBe(false);
    expect(readdirSync(dataDir).sort()).toEqual(['keys', 'postgres', 'postgres.log', 'socket']);
  });

  test('a second start has everything; SIGINT, even twice, stops it as well', async () => {
    server = await readyServer(settings);
    expect(await familyNames()).toEqual(['Larkspur', 'Penhallow']);
    const database = readPostmaster(join(dataDir, 'postgres'))?.pid ?? 0;
    server.kill('SIGINT');
    server.kill('SIGINT');
    expect(await server.ended).toBe(0);
    expect(isAlive(database)).toBe(false);
  });

  test('commands work without it and leave nothing running', async () => {
    expect((await careweave(['doctor'], settings)).out).toContain('Patient: 2');
    expect(readPostmaster(join(dataDir, 'postgres'))).toBeUndefined();
    expect(existsSync(join(dataDir, 'careweave.lock'))).toBe(false);
  });

  test('SIGTERM in the middle of the start stops it as well', async () => {
    server = runServer({ ...settings, CAREWEAVE_LOG_LEVEL: 'info' });
    await refuses(port, false);
    server.kill('SIGTERM');
    expect([await server.ended, server.err()]).toEqual([0, '']);
    expect(readPostmaster(join(dataDir, 'postgres'))).toBeUndefined();
    expect(existsSync(join(dataDir, 'careweave.lock'))).toBe(false);
  });
});

function occupy(taken: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve) => server.listen(taken, '127.0.0.1', () => resolve(server)));
}

const free = (server: Server) => new Promise((resolve) => server.close(resolve));

/** Asks until nobody listens on the port (or, with `false`, until somebody does). */
async function refuses(asked: number, wanted = true): Promise<void> {
  for (;;) {
    const refused = await fetch(`http://127.0.0.1:${asked}/health/live`).then(
      () => false,
      () => true,
    );
    if (refused === wanted) return;
  }
}

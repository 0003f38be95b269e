import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../support/house.ts';
import { findLeaks, personalTexts } from '../support/leaks.ts';
import { logsVariable, testLogger } from '../support/test-log.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures');

describe('TH-61: the search through everything that was logged', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'careweave-leaks-'));
  });
  afterEach(() => {
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const leaksOf = (line: string) => {
    writeFileSync(join(folder, '1.log'), `{"level":30,"msg":"fine"}\n${line}\n`);
    return findLeaks(folder, personalTexts(fixtures));
  };

  test.each([
    ['a family name', '{"msg":"patient Dovecote not found"}'],
    ['a name that tests search for', '{"url":"x Quillfeather-Zzyzx"}'],
    ['an access token', '{"t":"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3OCJ9.abc"}'],
    ['an Authorization header', '{"headers":{"authorization":"Bearer abcdefghijklmnop"}}'],
    ['the credentials of a client', '{"a":"Basic YWJjOmRlZmdoaWprbG0="}'],
    ['a session', '{"cookie":"careweave_session=AbCdEfGhIjKl"}'],
    ['a password', '{"body":"username=x&password=hunter2"}'],
    ['a verifier', '{"body":"code_verifier=abc"}'],
    ['the address of a search', '{"url":"/fhir/Patient?name=x"}'],
    ['a private key', '{"key":"{\\"d\\":\\"AbCdEfGhIjKlMnOpQrStUvWx\\"}"}'],
  ])('finds %s', (_name, line) => {
    expect(leaksOf(line)).toHaveLength(1);
  });

  test('knows the people of the fixtures, and passes what may be logged', () => {
    expect(personalTexts(fixtures).length).toBeGreaterThan(100);
    expect(
      leaksOf('{"level":50,"kind":"busy","err":{"name":"Error","code":"57P01","frames":["    at x (a.ts:1:2)"]}}'),
    ).toEqual([]);
  });
});

describe('TH-61: what the servers of the tests log', () => {
  let house: TestHouse;
  beforeAll(async () => {
    house = await openTestHouse();
  });
  afterAll(() => house?.shut());

  test('is kept where the end of the run looks through it', () => {
    const directory = process.env[logsVariable] ?? '';
    const before = readdirSync(directory).length;
    testLogger().info('one line');
    const files = readdirSync(directory);
    expect(files).toHaveLength(before + 1);
    expect(files.some((file) => readFileSync(join(directory, file), 'utf8').includes('one line'))).toBe(true);
  });

  test('is nothing of a request that goes wrong, in whatever way', async () => {
    const lines: string[] = [];
    // The house's own log, which every room holds.
    const write = house.log.info.bind(house.log);
    write('a run of wrong requests');
    const name = 'Quillfeather-Zzyzx';
    const secret = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3OCJ9.abc';
    await house.fhir('GET', `/Patient?name=${name}&nonsense=1`);
    await house.fhir('POST', '/Patient', `{"resourceType":"Patient","name":[{"family":"${name}"}`);
    await house.fhir('POST', '/Patient', { resourceType: 'Patient', name: [{ family: name }], birthDate: name });
    await fetch(`${house.url}/fhir/Patient?name=${name}`, { headers: { Authorization: `Bearer ${secret}` } });
    await fetch(`${house.url}/auth/authorize?client_id=${name}&state=${name}`);
    await fetch(`${house.url}/auth/token?access_token=${secret}`, { method: 'POST' });
    const body = new URLSearchParams({ grant_type: 'authorization_code', code: name, code_verifier: 'x'.repeat(43) });
    await fetch(`${house.url}/auth/token`, { method: 'POST', body });
    await fetch(`${house.url}/auth/sign-in`, {
      method: 'POST',
      body: new URLSearchParams({ username: name, password: 'four plain words together' }),
    });
    await fetch(`${house.url}/auth/introspect`, { method: 'POST', body: new URLSearchParams({ token: secret }) });
    const directory = process.env[logsVariable] ?? '';
    const here = readdirSync(directory).filter((file) => file.startsWith(`${process.pid}-`));
    for (const file of here) lines.push(...readFileSync(join(directory, file), 'utf8').split('\n'));
    expect(lines.some((line) => line.includes('a run of wrong requests'))).toBe(true);
    expect(lines.filter((line) => line.includes(name) || line.includes(secret))).toEqual([]);
  });

  test('TH-46: no line end that is sent becomes one in a header or in a name', async () => {
    const evil = 'x\r\nX-Injected: yes\r\n\r\n<script>';
    const name = await house.auth.addClient({
      name: evil,
      type: 'public',
      scopes: 'patient/*.rs',
      redirectUris: ['https://a.example/'],
    });
    expect(name).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    const redirectUris = ['https://a.example/'];
    const app = await house.auth.addClient({ name: 'A', type: 'public', scopes: 'patient/*.rs', redirectUris });
    if (!app.ok) throw new Error('not added');
    const text = encodeURIComponent(evil);
    const paths = [
      `/auth/authorize?client_id=${app.value.id}&redirect_uri=${encodeURIComponent('https://a.example/')}&state=${text}&scope=${text}`,
      `/auth/authorize?client_id=${text}&redirect_uri=${text}`,
      `/auth/sign-in?t=${text}`,
      `/auth/upstream/${text}`,
      `/launch?iss=${text}&launch=${text}`,
      `/fhir/Patient/${text}`,
      `/fhir/Patient?name=${text}&_format=${text}`,
      `/fhir/${text}`,
      `/app-state/Basic/${text}`,
      `/cds-services/${text}`,
      `/brands/${text}`,
      `/${text}`,
    ];
    for (const path of paths) {
      const token = await house.token();
      const headers = { Authorization: `Bearer ${token}` };
      const answer = await fetch(`${house.url}${path}`, { redirect: 'manual', headers });
      const page = await answer.text();
      expect([path, answer.headers.get('x-injected'), page.includes('<script>')]).toEqual([path, null, false]);
      expect([path, answer.status < 500]).toEqual([path, true]);
    }
  });

  test('has no line that the caller could have written (TH-46)', async () => {
    const headers = { 'X-Request-Id': 'a"} {"level":60,"msg":"forged' };
    const answer = await fetch(`${house.url}/fhir/Patient`, { headers });
    expect(answer.headers.get('x-request-id')).not.toContain('forged');
    house.log.info({ client: 'a\r\n{"level":60,"msg":"forged"}' }, 'a client with a hostile name');
    const directory = process.env[logsVariable] ?? '';
    mkdirSync(directory, { recursive: true });
    const lines = readdirSync(directory)
      .filter((file) => file.startsWith(`${process.pid}-`))
      .flatMap((file) => readFileSync(join(directory, file), 'utf8').split('\n'));
    expect(lines.filter((line) => line.startsWith('{"level":60'))).toEqual([]);
    expect(lines.some((line) => line.includes('hostile name'))).toBe(true);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { keepSecondPerson } from '../../src/auth/admin/requests.ts';
import { addApp, newCode, redeem } from './support/apps.ts';
import { type AuthServer, askBackend, assertion, assertionType, type TestKey, testKey } from './support/auth-server.ts';
import { codeAt, enrol, startPeopleServer } from './support/person.ts';

/** TH-66: administration needs a second sign-in, and a second person where the house wants that. */
let server: AuthServer;
let key: TestKey;
type Enrolled = Awaited<ReturnType<typeof enrol>>;
let head: Enrolled;
let deputy: Enrolled;
const app = {
  name: 'Diary',
  type: 'public',
  scope: 'launch/patient patient/*.rs',
  redirect_uris: ['https://d.example/'],
};

beforeAll(async () => {
  server = await startPeopleServer();
  key = await testKey('ES384');
  head = await enrol(server, 'head', ['Practitioner/head', 'Person/head']);
  deputy = await enrol(server, 'deputy', ['Practitioner/deputy']);
  await server.sql.query('UPDATE auth_account SET administrator = true');
}, 60_000);
afterAll(() => server.close());

async function person(fhirUser: string): Promise<string> {
  const id = await addApp(server, { type: 'asymmetric', jwks: { keys: [key.publicJwk] }, admin: true });
  const proof = { client_assertion: await assertion(server, id, key), client_assertion_type: assertionType };
  const answer = await redeem(server, id, await newCode(server, id, { fhirUser, scope: 'user/*.rs' }), proof);
  return String(answer.body.access_token);
}
async function machine(): Promise<string> {
  const id = await addApp(server, {
    type: 'asymmetric',
    scopes: 'system/*.rs',
    jwks: { keys: [key.publicJwk] },
    admin: true,
  });
  return String((await askBackend(server, await assertion(server, id, key))).body.access_token);
}
async function ask(
  method: string,
  path: string,
  token: string,
  { body, code }: { body?: unknown; code?: string } = {},
) {
  const response = await fetch(`${server.url}/admin${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(code !== undefined && { 'x-second-factor': code }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, json: JSON.parse(await response.text()) };
}
/** The next code of somebody's authenticator: each is good once. */
function next({ totp }: Enrolled): string {
  server.clock.advance(31);
  return codeAt(server, totp);
}
const clients = async () =>
  (await server.sql.query('SELECT 1 AS one FROM auth_client WHERE name = $1', [app.name])).length;

describe('TH-66 a second sign-in', () => {
  test('TH-66 without a code, with a wrong one, with one that was used, nothing is changed; looking needs none', async () => {
    const token = await person('Practitioner/head');
    expect((await ask('GET', '/clients', token)).status).toBe(200);
    const used = next(head);
    expect((await ask('POST', '/grants/none/revoke', token, { code: used })).status).toBe(404);
    for (const code of [undefined, '', '000000', 'x'.repeat(500), used]) {
      const refused = await ask('POST', '/clients', token, { body: app, ...(code !== undefined && { code }) });
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        401,
        expect.stringContaining('insufficient_user_authentication'),
      ]);
    }
    expect(await clients()).toBe(0);
    const told = await server.sql.query<{ entry: string }>('SELECT entry FROM audit_pending');
    expect(told.map(({ entry }) => JSON.parse(entry))).toContainEqual(
      expect.objectContaining({ act: 'administration', outcome: 'refused', person: 'Practitioner/head' }),
    );
  });

  test('TH-66 guessing codes makes the account rest, also for the right one', async () => {
    const token = await person('Practitioner/deputy');
    const right = next(deputy);
    for (let tried = 0; tried < 12; tried++) await ask('POST', '/grants/none/revoke', token, { code: '000000' });
    expect((await ask('POST', '/grants/none/revoke', token, { code: right })).status).toBe(401);
    await server.sql.query('UPDATE auth_account SET failures = 0, locked_until = NULL');
    expect((await ask('POST', '/grants/none/revoke', token, { code: next(deputy) })).status).toBe(404);
  });

  test('TH-66 an administrator without a second factor here changes nothing', async () => {
    await server.sql.query(
      `INSERT INTO access_role (fhir_user, role) VALUES ('Practitioner/elsewhere', 'administrator')`,
    );
    const token = await person('Practitioner/elsewhere');
    expect((await ask('GET', '/clients', token)).status).toBe(200);
    expect((await ask('POST', '/clients', token, { body: app, code: '123456' })).status).toBe(401);
    expect(await clients()).toBe(0);
  });
});

describe('TH-66 a second person', () => {
  beforeAll(() => keepSecondPerson(server.sql, true));

  test('TH-66 what somebody asks for waits, and is confirmed by neither themselves, under whatever name, nor a machine', async () => {
    const token = await person('Practitioner/head');
    expect((await ask('POST', '/clients', token, { body: { ...app, type: 'x' }, code: next(head) })).status).toBe(400);
    const held = await ask('POST', '/clients', token, { body: app, code: next(head) });
    expect([held.status, held.json.body, await clients()]).toEqual([202, app, 0]);
    const path = `/requests/${held.json.request}/confirm`;
    expect((await ask('POST', path, token, { code: next(head) })).status).toBe(403);
    expect((await ask('POST', path, await person('Person/head'), { code: next(head) })).status).toBe(403);
    expect((await ask('POST', path, await machine())).status).toBe(403);
    const other = await person('Practitioner/deputy');
    expect((await ask('POST', path, other)).status).toBe(401);
    expect((await ask('POST', '/requests/nothing/confirm', other, { code: next(deputy) })).status).toBe(404);
    expect(await clients()).toBe(0);
    // Seen by both before it is decided; done once.
    expect((await ask('GET', '/requests', other)).json.requests).toMatchObject([{ route: 'POST /clients', body: app }]);
    const confirmed = await ask('POST', path, other, { code: next(deputy) });
    expect([confirmed.status, confirmed.json.name, await clients()]).toEqual([200, app.name, 1]);
    expect((await ask('POST', path, other, { code: next(deputy) })).status).toBe(404);
    expect(await clients()).toBe(1);
  });

  test('TH-66 what is refused, or has waited a day, is not done; what takes away is done at once', async () => {
    const [asks, decides] = [await machine(), await person('Practitioner/deputy')];
    const first = (await ask('POST', '/clients', asks, { body: app })).json.request;
    expect((await ask('POST', `/requests/${first}/refuse`, decides, { code: next(deputy) })).json.refused).toBe(true);
    expect((await ask('POST', `/requests/${first}/confirm`, decides, { code: next(deputy) })).status).toBe(404);
    const made = (await server.auth.clients.list()).find(({ name }) => name === app.name);
    expect((await ask('POST', `/clients/${made?.id}/deactivate`, asks)).status).toBe(200);
    const second = (await ask('POST', '/clients', asks, { body: app })).json.request;
    server.clock.advance(24 * 3600 + 1);
    const later = await person('Practitioner/deputy');
    expect((await ask('POST', `/requests/${second}/confirm`, later, { code: next(deputy) })).status).toBe(404);
    expect(await clients()).toBe(1);
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { addRole, removeRole } from '../../src/access/policy/roles.ts';
import { addApp, newCode, newTokens, opens, redeem } from './support/apps.ts';
import {
  type AuthServer,
  askBackend,
  assertion,
  assertionType,
  startAuthServer,
  type TestKey,
  testKey,
} from './support/auth-server.ts';

let server: AuthServer;
let key: TestKey;
let admin: string;

beforeAll(async () => {
  server = await startAuthServer();
  key = await testKey('ES384');
  const bearer = await machine({ admin: true });
  admin = bearer;
  await account('Practitioner/head', true);
  await account('Practitioner/doctor', false);
});
afterAll(async () => {
  await server.close();
});

async function machine(change: { admin?: boolean }): Promise<string> {
  const id = await addApp(server, {
    type: 'asymmetric',
    scopes: 'system/*.rs',
    jwks: { keys: [key.publicJwk] },
    ...change,
  });
  const answer = await askBackend(server, await assertion(server, id, key));
  return String(answer.body.access_token);
}

async function account(fhirUser: string, administrator: boolean): Promise<void> {
  await server.sql.query(
    `WITH made AS (INSERT INTO auth_account (id, username, administrator, created_at) VALUES (gen_random_uuid(), $1, $2, now()) RETURNING id)
     INSERT INTO auth_account_link (fhir_user, account_id) SELECT $1, id FROM made`,
    [fhirUser, administrator],
  );
}

/** A token of a person who uses this client. */
async function person(fhirUser: string, change: { admin: boolean }): Promise<string> {
  const id = await addApp(server, { type: 'asymmetric', jwks: { keys: [key.publicJwk] }, ...change });
  const proof = { client_assertion: await assertion(server, id, key), client_assertion_type: assertionType };
  const answer = await redeem(server, id, await newCode(server, id, { fhirUser, scope: 'user/*.rs' }), proof);
  return String(answer.body.access_token);
}

async function ask(method: string, path: string, token?: string, body?: unknown) {
  const response = await fetch(`${server.url}/admin${path}`, {
    method,
    headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), 'content-type': 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) };
}

const app = {
  name: 'Seizure diary',
  type: 'public',
  scope: 'launch/patient patient/*.rs',
  redirect_uris: ['https://diary.example/'],
};

describe('TH-66 refused', () => {
  test('without a token, with a bad one, with an id_token: 401 everywhere', async () => {
    const { id_token } = await newTokens(server, await addApp(server));
    for (const token of [undefined, 'junk', String(id_token)])
      for (const path of ['/clients', '/keys', '/grants', '/nothing', '/']) {
        const answer = await ask('GET', path, token);
        expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="careweave"']);
      }
  });

  test('without the right: one answer for what there is and what there is not', async () => {
    const doctorsApp = await person('Practitioner/doctor', { admin: true });
    const headsApp = await person('Practitioner/head', { admin: false });
    for (const token of [await machine({}), doctorsApp, headsApp]) {
      const known = (await server.auth.clients.list())[0]?.id;
      for (const [method, path] of [
        ['GET', '/clients'],
        ['GET', `/clients/${known}`],
        ['GET', '/clients/nobody'],
        ['POST', '/keys/rotate'],
        ['POST', '/clients'],
        ['GET', '/nothing'],
      ] as const) {
        const { status, text } = await ask(method, path, token, method === 'POST' ? '{not json' : undefined);
        expect([status, text]).toEqual([403, '{"error":"Not allowed."}']);
      }
    }
  });

  test('a public client cannot have the right', async () => {
    const asked = { ...app, admin: true };
    expect((await ask('POST', '/clients', admin, asked)).status).toBe(400);
  });

  test('a registration with an unknown member, a member of another kind, no JSON, something wrong in it', async () => {
    for (const change of [
      { firstParty: true },
      { first_party: true },
      { native: 'yes' },
      { redirect_uris: 'https://x.example/' },
      { constructor: 'x' },
      { type: 'secret' },
      { redirect_uris: ['javascript:1'] },
      { scope: 'banana' },
    ])
      expect((await ask('POST', '/clients', admin, { ...app, ...change })).status).toBe(400);
    expect((await ask('POST', '/clients', admin, '{not json')).status).toBe(400);
    expect((await ask('GET', '/grants?name=x', admin)).status).toBe(400);
    expect((await ask('POST', '/clients/nobody/deactivate', admin)).status).toBe(404);
    expect((await ask('POST', '/grants/nothing/revoke', admin)).status).toBe(404);
    expect((await ask('DELETE', '/clients', admin)).status).toBe(404);
  });
});

test('TH-66 a role makes an administrator like an account does, and ends as soon as it is taken away', async () => {
  const token = await person('Practitioner/doctor', { admin: true });
  expect((await ask('GET', '/clients', token)).status).toBe(403);
  expect((await addRole(server.sql, 'Practitioner/doctor', 'administrator')).ok).toBe(true);
  expect((await ask('GET', '/clients', token)).status).toBe(200);
  expect((await removeRole(server.sql, 'Practitioner/doctor', 'administrator')).ok).toBe(true);
  expect((await ask('GET', '/clients', token)).status).toBe(403);
});

describe('allowed', () => {
  test('a client is registered, shown, given secrets once, and ended at once', async () => {
    const made = await ask('POST', '/clients', admin, {
      ...app,
      type: 'symmetric',
      scope: 'openid offline_access patient/*.rs',
      redirect_uris: ['https://app.example/callback'],
    });
    expect([made.status, made.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const { client_id, client_secret } = made.json;
    const shown = await ask('GET', `/clients/${client_id}`, admin);
    expect(shown.json).toMatchObject({ client_id, type: 'symmetric', active: true });
    expect(shown.text).not.toContain(client_secret);
    const tokens = await newTokens(server, client_id, { scope: 'patient/*.rs' }, { client_secret });
    const second = (await ask('POST', `/clients/${client_id}/secrets`, admin, {})).json.client_secret;
    expect(await newTokens(server, client_id, { scope: 'patient/*.rs' }, { client_secret: second })).toBeDefined();
    expect(await opens(server, tokens.access_token)).toBe(true);
    expect((await ask('POST', `/clients/${client_id}/deactivate`, admin)).status).toBe(200);
    expect(await opens(server, tokens.access_token)).toBe(false);
  });

  test('grants are found by person, child and client, and ended at once', async () => {
    const id = await addApp(server);
    const tokens = await newTokens(server, id, { patientId: 'child-77' });
    for (const query of ['patient=child-77', `client=${id}`, `user=RelatedPerson/mother&client=${id}`])
      expect((await ask('GET', `/grants?${query}`, admin)).json.grants).toMatchObject([
        { client_id: id, patient: 'child-77', refresh: 'offline' },
      ]);
    const [grant] = (await ask('GET', '/grants?patient=child-77', admin)).json.grants;
    expect((await ask('POST', `/grants/${grant.id}/revoke`, admin)).json).toEqual({ revoked: 1 });
    expect(await opens(server, tokens.access_token)).toBe(false);
    expect((await ask('GET', '/grants?patient=child-77', admin)).json.grants).toEqual([]);
  });

  test('keys are listed and rotated; nothing private is told', async () => {
    const made = await ask('POST', '/keys/rotate', admin, {});
    expect([made.status, made.json.state]).toEqual([201, 'waiting']);
    expect((await ask('POST', '/keys/rotate', admin, {})).status).toBe(409);
    const listed = await ask('GET', '/keys', admin);
    expect(listed.json.keys.map((one: { state: string }) => one.state)).toEqual(['waiting', 'signing']);
    expect(listed.text).not.toMatch(/"(d|p|q|jwk|private_jwk)"/);
  });

  test('by a person whose account is an administrator’s, through a client that may; the trail knows who', async () => {
    const head = await person('Practitioner/head', { admin: true });
    expect((await ask('GET', '/clients', head)).status).toBe(200);
    const told = await server.sql.query<{ entry: string }>('SELECT entry FROM audit_pending');
    const entries = told.map(({ entry }) => JSON.parse(entry));
    expect(entries).toContainEqual(
      expect.objectContaining({ act: 'administration', person: 'Practitioner/head', detail: 'GET /admin/clients' }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({ act: 'token', outcome: 'success', person: 'Practitioner/head', detail: 'code' }),
    );
    await server.sql.query('UPDATE auth_account SET active = false WHERE username = $1', ['Practitioner/head']);
    server.clock.advance(3);
    expect((await ask('GET', '/clients', head)).status).toBe(401);
    await server.sql.query('UPDATE auth_account SET active = true WHERE username = $1', ['Practitioner/head']);
  });
});

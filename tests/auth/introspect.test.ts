import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Granted } from '../../src/auth/types.ts';
import { addApp, addSymmetricApp, newTokens, refresh } from './support/apps.ts';
import {
  type Answer,
  type AuthServer,
  askBackend,
  assertion,
  assertionType,
  startAuthServer,
  type TestKey,
  testKey,
} from './support/auth-server.ts';

let server: AuthServer;
let app: { id: string; secret: string };
let watcher: { id: string; secret: string };
let stillHolds: (grant: Granted) => boolean = () => true;

beforeAll(async () => {
  server = await startAuthServer(undefined, { stillHolds: async (grant) => stillHolds(grant) });
  app = await addSymmetricApp(server);
  watcher = await addSymmetricApp(server, { introspects: true });
});
afterAll(async () => {
  await server.close();
});

async function introspect(
  token: string,
  asker: Record<string, string> = { client_id: watcher.id, client_secret: watcher.secret },
  authorization?: string,
): Promise<Answer> {
  const response = await fetch(`${server.url}/auth/introspect`, {
    method: 'POST',
    body: new URLSearchParams({ ...(token === '' ? {} : { token }), ...asker }),
    ...(authorization !== undefined && { headers: { authorization } }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}

const tokensOf = (change = {}) => newTokens(server, app.id, change, { client_secret: app.secret });
const inactive = { active: false };

describe('SC-121 who may ask', () => {
  test('nobody without authentication: no client, a public one, a wrong secret, a bearer without the right', async () => {
    const { access_token } = await tokensOf();
    const open = await addApp(server);
    expect((await introspect(access_token, {})).status).toBe(401);
    expect((await introspect(access_token, { client_id: open })).status).toBe(401);
    expect((await introspect(access_token, { client_id: watcher.id, client_secret: 'x' })).status).toBe(401);
    const bearer = await introspect(access_token, {}, `Bearer ${access_token}`);
    expect(bearer.status).toBe(401);
    expect(bearer.headers.get('www-authenticate')).toBe('Bearer realm="careweave"');
    expect(bearer.body.active).toBeUndefined();
    expect((await introspect('', { client_id: watcher.id, client_secret: watcher.secret })).status).toBe(400);
    expect((await fetch(`${server.url}/auth/introspect`)).status).toBe(405);
  });

  test("a client asks about its own; about another's only with the right", async () => {
    const { access_token, refresh_token } = await tokensOf();
    const other = await addSymmetricApp(server);
    for (const token of [access_token, refresh_token]) {
      expect((await introspect(token, { client_id: app.id, client_secret: app.secret })).body.active).toBe(true);
      expect((await introspect(token, { client_id: other.id, client_secret: other.secret })).body).toEqual(inactive);
      expect((await introspect(token)).body.active).toBe(true);
    }
  });

  test('SC-122 a token of a backend client with the right in the Authorization header, and one signed assertion', async () => {
    const key: TestKey = await testKey('ES384');
    const scopes = 'system/*.rs';
    const backend = await addApp(server, {
      type: 'asymmetric',
      scopes,
      introspects: true,
      jwks: { keys: [key.publicJwk] },
    });
    const own = await askBackend(server, await assertion(server, backend, key));
    const { access_token } = await tokensOf();
    const bearer = `Bearer ${String(own.body.access_token)}`;
    expect((await introspect(access_token, {}, bearer)).body.active).toBe(true);
    const proof = { client_assertion: await assertion(server, backend, key), client_assertion_type: assertionType };
    expect((await introspect(access_token, proof)).body.active).toBe(true);
    // SC-080: not both.
    expect((await introspect(access_token, { client_secret: watcher.secret }, bearer)).status).toBe(400);
  });
});

describe('SC-120 inactive says nothing else', () => {
  test('unknown, malformed, an id_token, an assertion, a megabyte', async () => {
    const { id_token } = await tokensOf();
    for (const token of ['x', 'a.b.c', String(id_token), 'y'.repeat(43), '..'])
      expect((await introspect(token)).body).toEqual(inactive);
    expect((await introspect('x'.repeat(1_000_000))).status).toBe(413);
  });

  test('expired, revoked, spent, of a deactivated app, of a relation that has ended', async () => {
    const spent = await tokensOf();
    const next = await refresh(server, app.id, spent.refresh_token, { client_secret: app.secret });
    expect((await introspect(spent.refresh_token)).body).toEqual(inactive);
    expect((await introspect(String(next.body.refresh_token))).body.active).toBe(true);
    stillHolds = () => false;
    expect((await introspect(String(next.body.refresh_token))).body).toEqual(inactive);
    stillHolds = () => true;

    const revoked = await tokensOf();
    const form = { token: revoked.refresh_token, client_id: app.id, client_secret: app.secret };
    await fetch(`${server.url}/auth/revoke`, { method: 'POST', body: new URLSearchParams(form) });
    expect((await introspect(revoked.access_token)).body).toEqual(inactive);
    expect((await introspect(revoked.refresh_token)).body).toEqual(inactive);

    const own = await addSymmetricApp(server);
    const left = await newTokens(server, own.id, {}, { client_secret: own.secret });
    await server.auth.clients.deactivate(own.id);
    server.clock.advance(3);
    expect((await introspect(left.access_token)).body).toEqual(inactive);
    expect((await introspect(left.refresh_token)).body).toEqual(inactive);

    const old = await tokensOf();
    server.clock.advance(3601);
    expect((await introspect(old.access_token)).body).toEqual(inactive);
  });
});

describe('SC-120 active', () => {
  test('the same scopes, the same context, the same person as the token response', async () => {
    const fhirContext = [{ reference: 'ImagingStudy/i-1', type: 'ImagingStudy' }];
    const context = { encounterId: 'e-1', needPatientBanner: false, intent: 'reconcile', tenant: 't-1', fhirContext };
    const scope = 'launch openid fhirUser offline_access patient/Observation.rs user/Goal.read';
    const tokens = await tokensOf({ scope, ...context, smartStyleUrl: `${server.url}/style.json` });
    const { status, headers, body } = await introspect(tokens.access_token);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toMatchObject({
      active: true,
      client_id: app.id,
      scope: tokens.scope,
      token_type: 'Bearer',
      iss: server.url,
      aud: server.fhirBaseUrl,
      sub: decodeJwt(String(tokens.id_token)).sub,
      fhirUser: decodeJwt(String(tokens.id_token)).fhirUser,
      exp: decodeJwt(tokens.access_token).exp,
    });
    const named = ['patient', 'encounter', 'need_patient_banner', 'intent', 'tenant', 'fhirContext', 'smart_style_url'];
    for (const name of named) {
      expect(tokens[name]).toBeDefined();
      expect(body[name]).toEqual(tokens[name]);
    }
    expect((await introspect(tokens.refresh_token)).body).toMatchObject({
      active: true,
      scope: tokens.scope,
      patient: 'child-1',
    });
  });

  test('a narrowed access token says what it can, not what was granted', async () => {
    const tokens = await tokensOf({ scope: 'openid fhirUser offline_access patient/*.rs' });
    const change = { client_secret: app.secret, scope: 'patient/Observation.r' };
    const narrow = await refresh(server, app.id, tokens.refresh_token, change);
    const { body } = await introspect(String(narrow.body.access_token));
    expect(body.scope).toBe('patient/Observation.r');
    expect(body.fhirUser).toBeUndefined();
  });

  test("a machine's: neither person nor patient", async () => {
    const key = await testKey('ES384');
    const id = await addApp(server, { type: 'asymmetric', scopes: 'system/*.rs', jwks: { keys: [key.publicJwk] } });
    const token = String((await askBackend(server, await assertion(server, id, key))).body.access_token);
    const { body } = await introspect(token);
    expect(body).toMatchObject({ active: true, client_id: id, sub: id, scope: 'system/Patient.rs' });
    expect([body.patient, body.fhirUser, body.need_patient_banner]).toEqual([undefined, undefined, undefined]);
  });
});

import { createHmac, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express from 'express';
import { createRemoteJWKSet, exportJWK, jwtVerify } from 'jose';
import { createSigningKeys } from '../../src/auth/signing-keys.ts';
import {
  type Answer,
  type AssertionChange,
  type AuthServer,
  askBackend,
  assertion,
  assertionType,
  closeServer,
  listen,
  postForm,
  startAuthServer,
  type TestKey,
  testKey,
} from './support/auth-server.ts';

let server: AuthServer;
let key: TestKey;
let rsaKey: TestKey;
let clientId: string;

async function addClient(scopes: string, jwks: unknown): Promise<string> {
  const client = await server.auth.addClient({ name: 'Machine', type: 'asymmetric', scopes, jwks });
  if (!client.ok) throw new Error(client.error.issues[0]?.text);
  return client.value.id;
}

beforeAll(async () => {
  server = await startAuthServer();
  key = await testKey('ES384');
  rsaKey = await testKey('RS384');
  clientId = await addClient('system/Patient.rs system/Observation.cruds', { keys: [key.publicJwk, rsaKey.publicJwk] });
});
afterAll(async () => {
  await server.close();
});

const seconds = () => Math.floor(server.clock.now().getTime() / 1000);

/** SC-136: whatever was wrong, one answer. */
function expectInvalidClient(answer: Answer): void {
  expect(answer.status).toBe(401);
  expect(answer.body).toEqual({ error: 'invalid_client', error_description: 'The client could not be authenticated.' });
  expect(answer.headers.get('cache-control')).toBe('no-store');
}

describe('client assertion, refused (SC-131, SC-136, TH-07)', () => {
  const wrong: [string, () => AssertionChange][] = [
    ['wrong aud', () => ({ claims: { aud: `${server.url}/other` } })],
    ['aud with a trailing slash', () => ({ claims: { aud: `${server.tokenUrl}/` } })],
    ['aud as a list, even of the right one', () => ({ claims: { aud: [server.tokenUrl] } })],
    ['no aud', () => ({ claims: { aud: undefined } })],
    ['expired', () => ({ claims: { exp: seconds() - 1 } })],
    ['no exp', () => ({ claims: { exp: undefined } })],
    ['exp as text', () => ({ claims: { exp: String(seconds() + 100) } })],
    ['exp more than five minutes ahead', () => ({ claims: { exp: seconds() + 330 } })],
    ['exp far ahead', () => ({ claims: { exp: 9_999_999_999 } })],
    ['nbf in the future', () => ({ claims: { nbf: seconds() + 120 } })],
    ['iat in the future', () => ({ claims: { iat: seconds() + 120 } })],
    ['no jti', () => ({ claims: { jti: undefined } })],
    ['empty jti', () => ({ claims: { jti: '' } })],
    ['a jti that is no text', () => ({ claims: { jti: 7 } })],
    ['a jti of 10 kB', () => ({ claims: { jti: 'j'.repeat(10_000) } })],
    ['an assertion of 1 MB', () => ({ claims: { more: 'x'.repeat(40_000) } })],
    ['iss of another', () => ({ claims: { iss: 'someone' } })],
    ['sub of another', () => ({ claims: { sub: 'someone' } })],
    ['unknown client', () => ({ claims: { iss: 'someone', sub: 'someone' } })],
    ['unknown kid (SC-133)', () => ({ header: { kid: 'unknown' } })],
    ['hostile kid', () => ({ header: { kid: "' OR 1=1 --" } })],
    ['kid of the other key', () => ({ header: { kid: rsaKey.kid } })],
    ['no kid', () => ({ header: { kid: undefined } })],
    ['typ that is not JWT', () => ({ header: { typ: 'at+jwt' } })],
    ['no typ', () => ({ header: { typ: undefined } })],
    ['jku though keys are inline (SC-133)', () => ({ header: { jku: 'https://attacker.example/jwks' } })],
    ['a critical extension', () => ({ header: { b64: true, crit: ['b64'] } })],
  ];
  test.each(wrong)('%s', async (_name, change) => {
    expectInvalidClient(await askBackend(server, await assertion(server, clientId, key, change())));
  });

  test('alg none', async () => {
    const good = await assertion(server, clientId, key);
    const header = Buffer.from(JSON.stringify({ alg: 'none', kid: key.kid, typ: 'JWT' })).toString('base64url');
    expectInvalidClient(await askBackend(server, `${header}.${good.split('.')[1]}.`));
  });

  test('HS256 with the public key as the secret (TH-07)', async () => {
    const good = await assertion(server, clientId, rsaKey);
    const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: rsaKey.kid, typ: 'JWT' })).toString('base64url');
    const pem = createPublicKey({ key: { ...rsaKey.publicJwk }, format: 'jwk' }).export({
      format: 'pem',
      type: 'spki',
    });
    const signed = `${header}.${good.split('.')[1]}`;
    const mac = createHmac('sha256', pem).update(signed).digest('base64url');
    expectInvalidClient(await askBackend(server, `${signed}.${mac}`));
  });

  test('RS256, though the key is right', async () => {
    const weak: TestKey = { ...(await testKey('RS256', 'weak')) };
    const id = await addClient('system/Patient.rs', { keys: [weak.publicJwk] });
    expectInvalidClient(await askBackend(server, await assertion(server, id, weak)));
  });

  test('a key that came embedded in the token (SC-133)', async () => {
    const own = await testKey('ES384', key.kid);
    const jwk = await exportJWK(createPublicKey({ key: { ...own.publicJwk }, format: 'jwk' }));
    expectInvalidClient(await askBackend(server, await assertion(server, clientId, own, { header: { jwk } })));
  });

  test('a signature by another key under the same kid', async () => {
    expectInvalidClient(await askBackend(server, await assertion(server, clientId, await testKey('ES384', key.kid))));
  });

  test('two keys with the kid (SC-133)', async () => {
    const twin = await testKey('ES384', key.kid);
    const id = await addClient('system/Patient.rs', { keys: [key.publicJwk, twin.publicJwk] });
    expectInvalidClient(await askBackend(server, await assertion(server, id, key)));
  });

  test('client_id of another client beside it (SC-132)', async () => {
    const other = await addClient('system/Patient.rs', { keys: [key.publicJwk] });
    expectInvalidClient(await askBackend(server, await assertion(server, clientId, key), { client_id: other }));
  });

  test('another client_assertion_type', async () => {
    const token = await assertion(server, clientId, key);
    expectInvalidClient(await askBackend(server, token, { client_assertion_type: 'urn:other' }));
  });

  test('replayed (TH-08)', async () => {
    const token = await assertion(server, clientId, key);
    expect((await askBackend(server, token)).status).toBe(200);
    expectInvalidClient(await askBackend(server, token));
  });

  test('sent eight times at once: one wins (TH-08)', async () => {
    const token = await assertion(server, clientId, key);
    const answers = await Promise.all(Array.from({ length: 8 }, () => askBackend(server, token)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 401, 401, 401, 401, 401, 401, 401]);
  });

  test('an inactive client', async () => {
    const id = await addClient('system/Patient.rs', { keys: [key.publicJwk] });
    await server.auth.clients.deactivate(id);
    expectInvalidClient(await askBackend(server, await assertion(server, id, key)));
  });
});

describe('token request, refused', () => {
  test.each([
    ['no grant_type (SC-140)', { grant_type: '' }, 'invalid_request'],
    ['unknown grant_type', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['a grant_type that objects have by nature', { grant_type: 'constructor' }, 'unsupported_grant_type'],
    ['missing scope (SC-140)', { scope: '' }, 'invalid_scope'],
    ['scope above the ceiling', { scope: 'system/Goal.rs' }, 'invalid_scope'],
    ['letters out of order', { scope: 'system/Patient.sr' }, 'invalid_scope'],
    ['user/ scope (SC-141)', { scope: 'user/Patient.rs' }, 'invalid_scope'],
    ['patient/ scope (SC-141)', { scope: 'patient/Patient.rs' }, 'invalid_scope'],
    ['a granular scope, whose filter would be lost', { scope: 'system/Patient.rs?gender=female' }, 'invalid_scope'],
  ])('%s', async (_name, change, error) => {
    const answer = await askBackend(server, await assertion(server, clientId, key), change);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe(error);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  test('a repeated parameter (SC-039)', async () => {
    const answer = await postForm(server.tokenUrl, [
      ['grant_type', 'client_credentials'],
      ['client_assertion_type', assertionType],
      ['client_assertion', await assertion(server, clientId, key)],
      ['scope', 'system/Patient.r'],
      ['scope', 'system/Patient.rs'],
    ]);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  });

  test('a JSON body, a query string, GET, Basic (SC-079, SC-080)', async () => {
    const json = await fetch(server.tokenUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'client_credentials' }),
    });
    expect(json.status).toBe(400);
    expect((await postForm(`${server.tokenUrl}?scope=x`, { grant_type: 'client_credentials' })).status).toBe(400);
    expect((await fetch(server.tokenUrl)).status).toBe(405);
    const basic = await fetch(server.tokenUrl, {
      method: 'POST',
      headers: { authorization: 'Basic eDp5' },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    expect(basic.status).toBe(401);
  });

  test('a body of 1 MB', async () => {
    const answer = await postForm(server.tokenUrl, { grant_type: 'client_credentials', scope: 'x'.repeat(1_000_000) });
    expect(answer.status).toBe(413);
  });
});

describe('token, granted', () => {
  test('by ES384 and RS384, with the scope narrowed to the ceiling (SC-140, SC-142, SC-143)', async () => {
    for (const signer of [key, rsaKey]) {
      const answer = await askBackend(server, await assertion(server, clientId, signer), {
        scope: 'system/*.rs system/Goal.c',
      });
      expect(answer.status).toBe(200);
      expect(answer.body).toMatchObject({
        token_type: 'Bearer',
        expires_in: 300,
        scope: 'system/Patient.rs system/Observation.rs',
      });
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.body.refresh_token).toBeUndefined();
      const jwks = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`));
      const { payload, protectedHeader } = await jwtVerify(String(answer.body.access_token), jwks, {
        issuer: server.url,
        audience: server.fhirBaseUrl,
        typ: 'at+jwt',
        algorithms: ['RS256'],
      });
      expect(payload).toMatchObject({ client_id: clientId, sub: clientId });
      expect(Number(payload.exp) - Number(payload.iat)).toBe(300);
      expect(protectedHeader.kid).toBeTruthy();
    }
  });

  test('v1 scopes come back as v1 (SC-071)', async () => {
    const answer = await askBackend(server, await assertion(server, clientId, key), {
      scope: 'system/Observation.read',
    });
    expect(answer.body.scope).toBe('system/Observation.read');
  });

  test('the bearer is known by it, until it expires or the client ends (SC-076)', async () => {
    const id = await addClient('system/Patient.rs', { keys: [key.publicJwk] });
    const answer = await askBackend(server, await assertion(server, id, key));
    const header = `Bearer ${String(answer.body.access_token)}`;
    const principal = await server.auth.verifyBearer(header);
    expect(principal).toMatchObject({ ok: true, value: { kind: 'client', id, clientId: id } });
    await server.auth.clients.deactivate(id);
    server.clock.advance(3);
    expect((await server.auth.verifyBearer(header)).ok).toBe(false);
    const other = await askBackend(server, await assertion(server, clientId, key));
    server.clock.advance(301);
    expect((await server.auth.verifyBearer(`Bearer ${String(other.body.access_token)}`)).ok).toBe(false);
  });
});

describe('keys by URL (SC-133, SC-134, SC-135)', () => {
  test('fetched, kept, and fetched again for a new kid once a minute; a removed key stops working', async () => {
    const first = await testKey('ES384', 'first');
    const second = await testKey('ES384', 'second');
    let keys = [first.publicJwk];
    let fetches = 0;
    const app = express();
    app.get('/jwks', (_request, response) => {
      fetches += 1;
      response.set('Cache-Control', 'max-age=120').json({ keys });
    });
    app.get('/moved', (_request, response) => response.redirect('/jwks'));
    const host = await listen(app);
    const jwksUrl = `${host.url}/jwks`;
    const add = async (url: string) => {
      const client = await server.auth.addClient({
        name: 'M',
        type: 'asymmetric',
        scopes: 'system/Patient.rs',
        jwksUrl: url,
      });
      if (!client.ok) throw new Error('not added');
      return client.value.id;
    };
    const id = await add(jwksUrl);
    const ask = async (signer: TestKey, header = {}) =>
      (await askBackend(server, await assertion(server, id, signer, { header }))).status;
    expect(await ask(first)).toBe(200);
    expect(await ask(first, { jku: jwksUrl })).toBe(200);
    expect(await ask(first, { jku: `${jwksUrl}?` })).toBe(401);
    expect(fetches).toBe(1);
    keys = [second.publicJwk];
    expect(await ask(second)).toBe(401);
    expect(fetches).toBe(1);
    server.clock.advance(61);
    expect(await ask(second)).toBe(200);
    expect(fetches).toBe(2);
    expect(await ask(first)).toBe(401);
    const moved = await add(`${host.url}/moved`);
    expect((await askBackend(server, await assertion(server, moved, second))).status).toBe(401);
    await closeServer(host.server);
    server.clock.advance(121);
    expect(await ask(second)).toBe(401);
  });
});

describe('published keys and configuration', () => {
  test('JWKS: public members only, server key RSA, client key too (SC-014)', async () => {
    const response = await fetch(`${server.url}/.well-known/jwks.json`);
    expect(response.headers.get('cache-control')).toContain('max-age');
    const { keys } = await response.json();
    expect(keys).toHaveLength(2);
    for (const jwk of keys)
      expect(Object.keys(jwk).filter((m) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(m))).toEqual([]);
    expect(keys.map((jwk: { kty: string }) => jwk.kty).sort()).toEqual(['EC', 'RSA']);
  });

  test('every published endpoint answers something other than 404 (SC-011)', async () => {
    const configuration = Object.entries(server.auth.smartConfiguration());
    const urls = configuration.filter(([name]) => /endpoint$|uri$/.test(name)).map(([, url]) => String(url));
    expect(urls.length).toBeGreaterThanOrEqual(3);
    for (const url of urls) expect((await fetch(url, { redirect: 'manual' })).status).not.toBe(404);
    expect((await fetch(`${server.url}/.well-known/openid-configuration`)).status).toBe(200);
  });

  test('a signing key is made once, also when two processes start together', async () => {
    await server.sql.query('DELETE FROM auth_signing_key');
    const processes = [createSigningKeys(server), createSigningKeys(server)];
    const [first, second] = await Promise.all(processes.map((keys) => keys.current()));
    expect(first?.kid).toBeTruthy();
    expect(second?.kid).toBe(first?.kid);
    expect(await server.sql.query('SELECT kid FROM auth_signing_key')).toHaveLength(1);
  });
});

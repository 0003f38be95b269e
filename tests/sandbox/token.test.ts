import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import supertest from 'supertest';
import { parseJson } from '../../src/fhir/json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { createSandbox, listenSandbox } from '../../src/sandbox/sandbox.ts';
import {
  assertionClaims,
  assertionType,
  bundleText,
  clientKeys,
  issueCode,
  type Keys,
  startTown,
  type Town,
} from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await startTown(parseJson(bundleText) as Resource);
});
afterAll(() => town.sandbox.close());

async function post(form: Record<string, string>) {
  const answer = await fetch(`${town.vendor.root}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
}

async function withAssertion(
  claims: object,
  options: { keys?: Keys; header?: Record<string, unknown>; scope?: string } = {},
) {
  const client_assertion = await (options.keys ?? town.keys).sign(
    { ...assertionClaims(town.vendor), ...claims },
    options.header,
  );
  return post({
    grant_type: 'client_credentials',
    scope: options.scope ?? 'system/*.rs',
    client_assertion_type: assertionType,
    client_assertion,
  });
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

describe('the token endpoint refuses an assertion', () => {
  test.each([
    ['for another audience', { aud: 'https://elsewhere.example/token' }],
    ['with a list of audiences', { aud: ['https://elsewhere.example/token'] }],
    ['that has expired', { exp: inSeconds(-5) }],
    ['that lives too long', { exp: inSeconds(3600) }],
    ['without an id', { jti: undefined }],
    ['from an unknown client', { iss: 'nobody', sub: 'nobody' }],
    ['whose subject is someone else', { sub: 'app' }],
  ])('%s', async (_name, claims) => {
    const answer = await withAssertion(claims);
    expect([answer.status, answer.body]).toEqual([401, { error: 'invalid_client' }]);
  });

  test('signed by another key under the same name, by an unregistered key, with RS256, or pointing to other keys', async () => {
    const header = { kid: (town.keys.jwk as { kid: string }).kid };
    expect((await withAssertion({}, { keys: await clientKeys(), header })).status).toBe(401);
    expect((await withAssertion({}, { keys: await clientKeys() })).status).toBe(401);
    expect((await withAssertion({}, { keys: await clientKeys('RS256'), header })).status).toBe(401);
    expect((await withAssertion({}, { header: { jku: 'https://elsewhere.example/jwks' } })).status).toBe(401);
  });

  test('the second time, also when both come at once', async () => {
    const jti = randomUUID();
    const answers = await Promise.all([withAssertion({ jti }), withAssertion({ jti })]);
    expect(answers.map((one) => one.status).sort()).toEqual([200, 401]);
  });
});

describe('the token endpoint refuses', () => {
  test('other grants, no scope, scopes of a user, more than the ceiling, doubled parameters, and JSON', async () => {
    expect((await post({ grant_type: 'password' })).body.error).toBe('unsupported_grant_type');
    expect((await post({ grant_type: 'client_credentials', scope: 'system/*.rs' })).status).toBe(401);
    for (const scope of ['', 'user/*.rs', 'patient/*.rs', 'openid', 'system/Patient.x']) {
      expect((await withAssertion({}, { scope })).body).toEqual({ error: 'invalid_scope' });
    }
    const doubled = `grant_type=client_credentials&scope=a&scope=b`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const twice = await fetch(`${town.vendor.root}/oauth/token`, { method: 'POST', headers, body: doubled });
    expect(await twice.json()).toEqual({ error: 'invalid_request' });
    const asJson = await fetch(`${town.vendor.root}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'client_credentials' }),
    });
    expect(asJson.status).toBe(400);
  });
});

describe('the FHIR endpoints refuse', () => {
  test.each(['Patient', 'Patient/x', 'Group/roster', 'anything/at/all'])('%s without a valid token', async (path) => {
    for (const authorization of ['', 'Bearer forged', 'Basic YTpi']) {
      const answer = await fetch(`${town.vendor.base}/${path}`, { headers: { authorization } });
      expect([answer.status, issueCode((await answer.json()) as Resource)]).toEqual([401, 'login']);
    }
  });

  test('a token of the other hospital', async () => {
    const token = await town.token(town.open);
    const answer = await fetch(`${town.vendor.base}/Group/roster`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(401);
  });

  test('what the scopes of the token do not cover', async () => {
    const read = await town.ask(town.vendor, 'Group/roster', { scope: 'system/Patient.rs' });
    expect([read.status, issueCode(read.body)]).toEqual([403, 'forbidden']);
    const written = await town.ask(town.vendor, 'ServiceRequest', { method: 'POST', body: '{}', scope: 'system/*.rs' });
    expect(written.status).toBe(403);
  });
});

describe('the token endpoint grants', () => {
  test('five minutes, the scopes within the ceiling, and says never to store the answer', async () => {
    const answer = await withAssertion({}, { scope: 'system/*.read system/Patient.rs user/*.rs' });
    expect(answer.body).toMatchObject({
      token_type: 'bearer',
      expires_in: 300,
      scope: 'system/*.read system/Patient.rs',
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect((await town.ask(town.vendor, 'Group/roster')).status).toBe(200);
  });

  test('a client known by the address of its keys, also when the address answered only later', async () => {
    const keys = await clientKeys('RS384');
    let ready = false;
    const app = createServer((_request, response) => {
      response
        .writeHead(ready ? 200 : 503, { 'content-type': 'application/json' })
        .end(JSON.stringify({ keys: [keys.jwk] }));
    });
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/jwks.json`;
    const backend = { id: 'backend', name: 'Backend', jwks: { url }, scopes: 'system/*.rs', redirectUris: [] };
    const sandbox = await listenSandbox({ port: 0, hospitals: [{ id: 'summit' }], clients: [backend] });
    const hospital = sandbox.hospitals[0];
    if (!hospital) throw new Error('one hospital was asked for');
    const attempt = async () => {
      const form = {
        grant_type: 'client_credentials',
        scope: 'system/*.rs',
        client_assertion_type: assertionType,
        client_assertion: await keys.sign(assertionClaims(hospital), { jku: url }),
      };
      return (await fetch(`${hospital.root}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) })).status;
    };
    expect(await attempt()).toBe(401);
    ready = true;
    expect(await attempt()).toBe(200);
    await sandbox.close();
    await new Promise((resolve) => app.close(resolve));
  });
});

describe('in process', () => {
  test('the app works without a port of its own, under the address it is told', async () => {
    const publicUrl = 'http://sandbox.example';
    const { app, close } = await createSandbox({ publicUrl, hospitals: [{ id: 'lakeside' }] });
    const statement = await supertest(app).get('/ehr/lakeside/fhir/metadata').expect(200);
    expect(statement.text).toContain(`${publicUrl}/ehr/lakeside/oauth/token`);
    await supertest(app).get('/ehr/lakeside/fhir/Patient').expect(401);
    await supertest(app).get('/ehr/elsewhere/fhir/metadata').expect(404);
    await close();
  });
});

describe('discovery', () => {
  test('is open, and every address in it exists', async () => {
    const answer = await fetch(`${town.vendor.base}/.well-known/smart-configuration`);
    const found = (await answer.json()) as Record<string, string>;
    expect(found).toMatchObject({ issuer: town.vendor.base, code_challenge_methods_supported: ['S256'] });
    for (const name of ['jwks_uri', 'authorization_endpoint', 'token_endpoint']) {
      const method = name === 'token_endpoint' ? 'POST' : 'GET';
      expect([name, (await fetch(String(found[name]), { method })).status]).not.toEqual([name, 404]);
    }
    const { keys } = (await (await fetch(String(found.jwks_uri))).json()) as { keys: Record<string, unknown>[] };
    expect(keys.map((key) => key.alg)).toEqual(['RS256', 'ES384']);
    expect(keys.some((key) => 'd' in key)).toBe(false);
  });
});

import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createCdsClients } from '../../src/auth/cds-clients.ts';
import { createGuardedFetch } from '../../src/base/guarded-fetch.ts';
import { createTestStore, type TestStore } from '../support/database.ts';

/** CDS Hooks 2.0, "Trusting CDS Clients": who may ask for a card about a child. */
const audience = 'https://plans.example/cds-services/careweave-shared-plan';
let ehr: Server;
let asked: string[] = [];
let keysAt = '/jwks';
const clock = { now: () => new Date(Date.now() + aheadMs) };
let aheadMs = 0;
let iss: string;
let database: TestStore;
let clients: ReturnType<typeof createCdsClients>;
let key: Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
let stranger: typeof key;
const fetch = createGuardedFetch({ allowedOrigins: [], allowLoopback: true });

beforeAll(async () => {
  const pair = await generateKeyPair('ES384', { extractable: true });
  key = pair.privateKey;
  stranger = (await generateKeyPair('ES384')).privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'ehr-1', use: 'sig', alg: 'ES384' };
  ehr = createServer((request, response) => {
    asked.push(String(request.url));
    const jwksUri = keysAt.startsWith('/') ? `${iss}${keysAt}` : keysAt;
    const body = request.url?.endsWith('smart-configuration') ? { jwks_uri: jwksUri } : { keys: [jwk] };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => ehr.listen(0, '127.0.0.1', resolve));
  iss = `http://127.0.0.1:${(ehr.address() as AddressInfo).port}/fhir`;
  database = await createTestStore();
  const ehrSites = {
    byIssuer: async (issuer: string) =>
      issuer === iss ? { siteId: 'lakeside', clientId: 'x', scopes: '' } : undefined,
    patientFor: async () => undefined,
    userFor: async () => undefined,
  };
  clients = createCdsClients({ sql: database.store, clock, guardedFetch: fetch, ehrSites });
});
afterAll(async () => {
  await fetch.close();
  await database.drop();
  await new Promise((resolve) => ehr.close(resolve));
});

interface Change {
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  by?: typeof key;
  lifeSeconds?: number;
}

async function bearer(change: Change = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss,
    aud: audience,
    iat: now,
    exp: now + (change.lifeSeconds ?? 200),
    jti: randomUUID(),
    ...change.claims,
  };
  const header = { alg: 'ES384', typ: 'JWT', kid: 'ehr-1', jku: `${iss}/jwks`, ...change.header };
  return `Bearer ${await new SignJWT(claims).setProtectedHeader(header).sign(change.by ?? key)}`;
}

describe('refuses', () => {
  test.each<[string, Change]>([
    ['an issuer that is no site', { claims: { iss: 'https://elsewhere.example/fhir' } }],
    ['another audience', { claims: { aud: 'https://plans.example/cds-services/other' } }],
    ['several audiences', { claims: { aud: [audience, 'https://elsewhere.example'] } }],
    ['a key that the site does not publish', { header: { kid: 'ehr-2' } }],
    ["somebody else's key under the site's kid", { by: undefined, header: {} }],
    ['a jku other than the published one', { header: { jku: 'https://elsewhere.example/jwks' } }],
    ['an expired token', { lifeSeconds: -10 }],
    ['a token that lives too long', { lifeSeconds: 3600 }],
    ['no jti', { claims: { jti: undefined } }],
  ])('%s', async (name, change) => {
    const token = await bearer(name.startsWith('somebody') ? { by: stranger } : change);
    const answer = await clients.verify(token, audience);
    expect(answer.ok).toBe(false);
    expect(answer).toMatchObject({
      error: { kind: 'unauthorized', issues: [{ text: 'This CDS client could not be verified.' }] },
    });
  });
  test('no token, and one that is not a JWT', async () => {
    expect((await clients.verify(undefined, audience)).ok).toBe(false);
    expect((await clients.verify('Bearer x.y.z', audience)).ok).toBe(false);
  });
  test('a token used before, also when both come at once', async () => {
    const token = await bearer();
    const answers = await Promise.all([clients.verify(token, audience), clients.verify(token, audience)]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  });
});

test('however many forged tokens come, the site is asked a few times', async () => {
  aheadMs = 600_000;
  asked = [];
  const forged = await Promise.all(Array.from({ length: 20 }, () => bearer({ by: stranger, lifeSeconds: 800 })));
  await Promise.all(forged.map((token) => clients.verify(token, audience)));
  for (const token of forged) await clients.verify(token, audience);
  expect(asked.length).toBeLessThanOrEqual(2);
  aheadMs = 0;
});

test('keys are not fetched from an address that is no web address', async () => {
  aheadMs = 1_200_000;
  keysAt = 'file:///etc/passwd';
  const answer = await clients.verify(await bearer({ lifeSeconds: 1400, header: { jku: keysAt } }), audience);
  expect(answer.ok).toBe(false);
  keysAt = '/jwks';
  aheadMs = 0;
});

test('knows the site whose key signed', async () => {
  expect(await clients.verify(await bearer(), audience)).toEqual({ ok: true, value: { siteId: 'lakeside' } });
});

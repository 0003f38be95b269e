import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { importJWK, SignJWT } from 'jose';
import {
  type AuthServer,
  askBackend,
  assertion,
  startAuthServer,
  type TestKey,
  testKey,
} from './support/auth-server.ts';
import { codeOf, exchange, registerClinician, startVisit } from './support/clinician.ts';

let server: AuthServer;
let key: TestKey;
let clientId: string;
/** Our server's own key, to make tokens that are right in everything but one thing. */
let own: TestKey;

beforeAll(async () => {
  server = await startAuthServer();
  await registerClinician(server);
  key = await testKey('ES384');
  const client = await server.auth.addClient({
    name: 'Machine',
    type: 'asymmetric',
    scopes: 'system/*.cruds',
    jwks: { keys: [key.publicJwk] },
  });
  if (!client.ok) throw new Error('not added');
  clientId = client.value.id;
  await server.auth.jwks();
  const [row] = await server.sql.query<{ kid: string; private_jwk: Record<string, string> }>(
    'SELECT * FROM auth_signing_key',
  );
  if (!row) throw new Error('no key');
  const privateKey = await importJWK({ ...row.private_jwk, kty: 'RSA' }, 'RS256');
  if (privateKey instanceof Uint8Array) throw new Error('no RSA key');
  own = { kid: row.kid, algorithm: 'RS256', privateKey, publicJwk: {} };
});
afterAll(async () => {
  await server.close();
});

const person = { fhirUser: 'Practitioner/x', grant: crypto.randomUUID(), scope: 'user/Patient.rs' };

async function bearer(
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  signer: TestKey = own,
): Promise<string> {
  const now = Math.floor(server.clock.now().getTime() / 1000);
  const all = {
    iss: server.url,
    aud: server.fhirBaseUrl,
    sub: clientId,
    client_id: clientId,
    scope: 'system/Patient.rs',
    exp: now + 100,
    jti: crypto.randomUUID(),
    ...claims,
  };
  const token = await new SignJWT(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)))
    .setProtectedHeader({ alg: signer.algorithm, kid: own.kid, typ: 'at+jwt', ...header })
    .sign(signer.privateKey);
  return `Bearer ${token}`;
}

test('the token these tests change is a right one', async () => {
  expect((await server.auth.verifyBearer(await bearer())).ok).toBe(true);
});

describe('refused (SC-076, TH-07, TH-09)', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    ['another issuer', { iss: 'https://attacker.example' }],
    ['for another server', { aud: 'https://other.example/fhir' }],
    ['for several servers', { aud: ['https://other.example/fhir'] }],
    ['no audience', { aud: undefined }],
    ['expired', { exp: 1000 }],
    ['without an end', { exp: undefined }],
    ['not an access token', {}, { typ: 'JWT' }],
    ['unknown kid', {}, { kid: 'unknown' }],
    ['no client', { client_id: undefined }],
    ['an unknown client', { client_id: 'nobody' }],
    ['no scope claim', { scope: undefined }],
    ['scope as a list', { scope: ['system/Patient.rs'] }],
    ['without an id of its own', { jti: undefined }],
    ['a person without a grant', { ...person, grant: undefined }],
    ['a grant without a person', { grant: crypto.randomUUID() }],
    ['a grant that does not exist', person],
    ['TH-09 a patient/ scope without a patient', { ...person, scope: 'user/Patient.rs patient/Observation.rs' }],
    ['TH-09 a patient/ scope without a person', { scope: 'patient/Observation.rs' }],
    ['TH-09 a user/ scope without a person', { scope: 'system/Patient.rs user/Patient.rs' }],
    ['TH-09 a system/ scope for a person', { ...person, scope: 'system/Patient.rs' }],
    ['TH-07 a nested token', {}, { cty: 'JWT', typ: 'JWT' }],
    ['TH-07 a key of its own beside it', {}, { kid: 'mine', jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } }],
    ['TH-07 an address of keys beside it', {}, { kid: 'mine', jku: 'https://attacker.example/jwks' }],
    ['TH-07 a kid that is a path', {}, { kid: '../../../../dev/null' }],
    ['TH-07 a kid that is SQL', {}, { kid: "' UNION SELECT 'x" }],
    ['TH-07 a critical extension', {}, { crit: ['b64'], b64: true }],
  ])('%s', async (_name, claims, header = {}) => {
    const result = await server.auth.verifyBearer(await bearer(claims, header));
    expect(result).toMatchObject({ ok: false, error: { kind: 'unauthorized' } });
  });

  test('signed by another key under our kid', async () => {
    const other = await testKey('RS256', own.kid);
    expect((await server.auth.verifyBearer(await bearer({}, {}, other))).ok).toBe(false);
  });

  test('a client assertion as an access token', async () => {
    expect((await server.auth.verifyBearer(`Bearer ${await assertion(server, clientId, key)}`)).ok).toBe(false);
  });

  test('a grant of another client', async () => {
    const visit = await startVisit(server);
    await exchange(server, visit, await codeOf(server, visit));
    const [grant] = await server.sql.query<{ id: string }>('SELECT id FROM auth_grant LIMIT 1');
    const right = { ...person, grant: grant?.id, client_id: 'careweave-clinician' };
    expect((await server.auth.verifyBearer(await bearer(right))).ok).toBe(true);
    expect((await server.auth.verifyBearer(await bearer({ ...right, client_id: clientId }))).ok).toBe(false);
  });
});

describe('a token that was good a moment ago', () => {
  test('is refused with another signature, though the rest is the same', async () => {
    const same = { jti: crypto.randomUUID(), exp: Math.floor(server.clock.now().getTime() / 1000) + 100 };
    const good = await bearer(same);
    expect((await server.auth.verifyBearer(good)).ok).toBe(true);
    const other = await testKey('RS256', own.kid);
    const forged = await bearer(same, {}, other);
    const [signed] = [good.slice(0, good.lastIndexOf('.'))];
    expect(forged.startsWith(signed)).toBe(true);
    expect((await server.auth.verifyBearer(forged)).ok).toBe(false);
    expect((await server.auth.verifyBearer(good)).ok).toBe(true);
  });

  test('is refused from the second it expires', async () => {
    const now = Math.floor(server.clock.now().getTime() / 1000);
    const good = await bearer({ exp: now + 5 });
    expect((await server.auth.verifyBearer(good)).ok).toBe(true);
    server.clock.advance(4);
    expect((await server.auth.verifyBearer(good)).ok).toBe(true);
    server.clock.advance(1);
    expect((await server.auth.verifyBearer(good)).ok).toBe(false);
  });

  test('is refused once its client is deactivated and what is known of the client has aged', async () => {
    const machine = await testKey('ES384');
    const registered = { name: 'Leaves', type: 'asymmetric', scopes: 'system/*.rs' } as const;
    const client = await server.auth.addClient({ ...registered, jwks: { keys: [machine.publicJwk] } });
    if (!client.ok) throw new Error('not added');
    const good = await bearer({ client_id: client.value.id });
    expect((await server.auth.verifyBearer(good)).ok).toBe(true);
    await server.auth.clients.deactivate(client.value.id);
    server.clock.advance(3);
    expect((await server.auth.verifyBearer(good)).ok).toBe(false);
  });

  test('is handed out as something nobody can change', async () => {
    const good = await bearer();
    const first = await server.auth.verifyBearer(good);
    const second = await server.auth.verifyBearer(good);
    expect(first.ok && second.ok && first.value === second.value && Object.isFrozen(first.value)).toBe(true);
  });
});

test('what has expired is swept away; what is still needed stays', async () => {
  await askBackend(server, await assertion(server, clientId, key));
  const before = await server.sql.query('SELECT 1 FROM auth_assertion_jti');
  expect(before.length).toBeGreaterThan(0);
  server.clock.advance(3600 + 120);
  await askBackend(server, await assertion(server, clientId, key));
  // The sweep runs behind the answer, table by table: ask until the later table is done, bounded by the test's own time.
  let launches = await server.sql.query('SELECT 1 FROM auth_launch');
  while (launches.length > 0) launches = await server.sql.query('SELECT 1 FROM auth_launch');
  expect(await server.sql.query('SELECT 1 FROM auth_assertion_jti')).toHaveLength(1);
  expect((await server.sql.query('SELECT 1 FROM auth_session')).length).toBeGreaterThan(0);
});

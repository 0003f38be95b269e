import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse, unwrap } from '../support/house.ts';
import { personToken } from './support/person-token.ts';

/** Who may read our answers from a web page: asked of the whole house. */
const [mine, other, unknown] = ['https://app.example', 'https://other.example', 'https://evil.example'];
let house: TestHouse;
let token: string;
beforeAll(async () => {
  house = await openTestHouse();
  const scopes = 'launch openid fhirUser patient/*.rs';
  const client = { type: 'public', scopes } as const;
  await house.fhir('PUT', '/Patient/child', { resourceType: 'Patient', id: 'child' });
  const redirectUris = [`${mine}/callback`];
  unwrap(await house.auth.addClient({ ...client, id: 'mine', name: 'Mine', redirectUris, firstParty: true }));
  unwrap(
    await house.auth.addClient({
      ...client,
      id: 'other',
      name: 'Other',
      redirectUris: ['https://elsewhere.example/'],
      origins: [other],
    }),
  );
  token = await personToken(house, { clientId: 'mine', redirectUri: `${mine}/callback`, patientId: 'child' });
});
afterAll(() => house?.shut());

async function ask(method: string, path: string, origin?: string, init: { auth?: string; form?: string } = {}) {
  const headers: Record<string, string> = {};
  if (origin !== undefined) headers.Origin = origin;
  if (init.auth !== undefined) headers.Authorization = `Bearer ${init.auth}`;
  const body = init.form === undefined ? undefined : new URLSearchParams(init.form);
  const answer = await fetch(`${house.url}${path}`, { method, headers, body, redirect: 'manual' });
  await answer.arrayBuffer();
  return { status: answer.status, allowed: answer.headers.get('access-control-allow-origin'), headers: answer.headers };
}

async function preflight(path: string, origin: string) {
  const headers = { Origin: origin, 'Access-Control-Request-Method': 'GET' };
  const answer = await fetch(`${house.url}${path}`, { method: 'OPTIONS', headers });
  return { status: answer.status, allowed: answer.headers.get('access-control-allow-origin'), headers: answer.headers };
}

describe('another origin may not read', () => {
  test('SC-021: FHIR, with a token of a client that did not register it, nor without a token', async () => {
    for (const origin of [
      other,
      unknown,
      'null',
      `${mine}.evil.example`,
      mine.toUpperCase(),
      'https://app.example:444',
    ])
      expect((await ask('GET', '/fhir/Patient/child', origin, { auth: token })).allowed).toBeNull();
    expect((await ask('GET', '/fhir/Patient/child', unknown)).allowed).toBeNull();
  });

  test('SC-021: the token endpoint, whatever client the request names, and however it does', async () => {
    const assertion = `${part({ alg: 'RS384' })}.${part({ iss: 'mine' })}.x`;
    for (const form of ['client_id=mine&grant_type=authorization_code', `client_assertion=${assertion}`]) {
      expect((await ask('POST', '/auth/token', other, { form })).allowed).toBeNull();
      expect((await ask('POST', '/auth/token', mine, { form })).allowed).toBe(mine);
    }
    expect((await ask('POST', '/auth/token', mine, { form: 'client_id=other' })).allowed).toBeNull();
    expect((await ask('POST', '/auth/token', mine, { form: 'client_id=nobody' })).allowed).toBeNull();
    expect((await ask('POST', '/auth/token', mine, { form: 'grant_type=x' })).allowed).toBeNull();
  });

  test('SC-021: a preflight of an origin that nobody registered allows nothing', async () => {
    for (const path of ['/fhir/Patient/child', '/auth/token']) {
      const answer = await preflight(path, unknown);
      expect([answer.status, answer.allowed]).toEqual([204, null]);
      expect(answer.headers.get('access-control-allow-headers')).toBeNull();
    }
  });

  test.each([
    '/auth/authorize',
    '/auth/AUTHORIZE?client_id=mine',
    '/launch',
    '/',
    '/clinician',
    '/health/live',
    '/nothing',
  ])('SC-022: a page: %s', async (path) => {
    const answer = await ask('GET', path, mine);
    expect(answer.allowed).toBeNull();
    expect((await preflight(path, mine)).allowed).toBeNull();
    expect(answer.headers.get('content-security-policy')).toMatch(/frame-ancestors ('none'|'self')/);
  });

  test('SC-021: once its client has ended', async () => {
    const redirectUris = ['https://ended.example/'];
    unwrap(
      await house.auth.addClient({ id: 'ended', name: 'E', type: 'public', scopes: 'patient/*.rs', redirectUris }),
    );
    await house.auth.clients.deactivate('ended');
    expect((await ask('POST', '/auth/token', 'https://ended.example', { form: 'client_id=ended' })).allowed).toBeNull();
  });
});

describe('an app may read', () => {
  test('SC-021: FHIR with its own token, refusals too, and the headers that it needs', async () => {
    const read = await ask('GET', '/fhir/Patient/child', mine, { auth: token });
    expect([read.status, read.allowed, read.headers.get('vary')]).toEqual([
      200,
      mine,
      expect.stringMatching(/origin/i),
    ]);
    const exposed = read.headers.get('access-control-expose-headers');
    for (const name of ['Location', 'Content-Location', 'ETag', 'Last-Modified', 'Retry-After', 'X-Progress'])
      expect(exposed).toContain(name);
    expect(exposed).toContain('WWW-Authenticate');
    for (const [path, auth, status] of [
      ['/fhir/Patient/none', token, 404],
      ['/fhir/Practitioner?nonsense=1', token, 400],
      ['/fhir/Patient/child', 'wrong', 401],
      ['/fhir/Nothing', token, 404],
    ] as const)
      expect(await ask('GET', path, mine, { auth })).toMatchObject({ status, allowed: mine });
    expect(await ask('DELETE', '/fhir/Patient/child', mine, { auth: token })).toMatchObject({
      status: 403,
      allowed: mine,
    });
  });

  test('SC-021: after a preflight that lets through what FHIR requests carry', async () => {
    for (const [path, origin] of [
      ['/fhir/Patient/child', mine],
      ['/fhir', other],
      ['/auth/token', mine],
    ] as const) {
      const answer = await preflight(path, origin);
      expect([answer.status, answer.allowed]).toEqual([204, origin]);
      const headers = answer.headers.get('access-control-allow-headers');
      for (const name of ['Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'If-None-Exist', 'Prefer'])
        expect(headers).toContain(name);
      expect(headers).toContain('X-Request-Id');
      expect(answer.headers.get('access-control-allow-methods')).toContain('PATCH');
    }
  });

  test('SC-020, SC-093: discovery, metadata and keys from any origin, without a token, when they fail too', async () => {
    for (const [path, status] of [
      ['/fhir/.well-known/smart-configuration', 200],
      ['/fhir/metadata', 200],
      ['/fhir/metadata?_format=xml', 406],
      ['/fhir/.well-known/nothing', 401],
      ['/.well-known/openid-configuration', 200],
      ['/.well-known/jwks.json', 200],
      ['/.well-known/nothing', 404],
    ] as const) {
      expect(await ask('GET', path, unknown)).toMatchObject({ status, allowed: '*' });
      expect(await preflight(path, unknown)).toMatchObject({ status: 204, allowed: '*' });
    }
  });
});

test('SC-022: credentials are allowed to nobody', async () => {
  const answers = [
    await ask('GET', '/fhir/Patient/child', mine, { auth: token }),
    await ask('GET', '/fhir/metadata', mine),
    await preflight('/fhir/Patient/child', mine),
    await preflight('/fhir/metadata', mine),
    await ask('POST', '/auth/token', mine, { form: 'client_id=mine' }),
  ];
  for (const { headers } of answers) expect(headers.get('access-control-allow-credentials')).toBeNull();
});

const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');

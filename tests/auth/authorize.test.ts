import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { type AuthServer, assertion, assertionType, startAuthServer, testKey } from './support/auth-server.ts';
import {
  authorize,
  challengeFor,
  codeOf,
  exchange,
  type Redirected,
  registerClinician,
  startVisit,
} from './support/clinician.ts';

let server: AuthServer;

beforeAll(async () => {
  server = await startAuthServer();
  await registerClinician(server);
});
afterAll(async () => {
  await server.close();
});

function expectPage(answer: Redirected): void {
  expect(answer.status).toBe(400);
  expect(answer.location).toBeUndefined();
  expect(answer.text).toContain('<h1>');
}

function expectError(answer: Redirected, error: string): void {
  expect(answer.status).toBe(302);
  expect(answer.location?.href.startsWith(`${server.url}/clinician/callback?`)).toBe(true);
  expect(answer.location?.searchParams.get('error')).toBe(error);
  expect(answer.location?.searchParams.get('code')).toBeNull();
}

describe('never a redirect (SC-031, TH-05)', () => {
  test.each([
    ['unknown client', () => ({ client_id: 'nobody' })],
    ['no client', () => ({ client_id: undefined })],
    ['no redirect_uri', () => ({ redirect_uri: undefined })],
    ['another path', () => ({ redirect_uri: `${server.url}/clinician/other` })],
    ['a longer path', () => ({ redirect_uri: `${server.url}/clinician/callback/more` })],
    ['a trailing slash', () => ({ redirect_uri: `${server.url}/clinician/callback/` })],
    ['an extra query', () => ({ redirect_uri: `${server.url}/clinician/callback?x=1` })],
    ['a fragment', () => ({ redirect_uri: `${server.url}/clinician/callback#x` })],
    ['path traversal', () => ({ redirect_uri: `${server.url}/clinician/x/../callback` })],
    ['an encoded dot', () => ({ redirect_uri: `${server.url}/clinician/%2e/callback` })],
    ['userinfo', () => ({ redirect_uri: `${server.url.replace('http://', 'http://u@')}/clinician/callback` })],
    ['upper case', () => ({ redirect_uri: `${server.url}/Clinician/callback` })],
    [
      'localhost for 127.0.0.1',
      () => ({ redirect_uri: `${server.url.replace('127.0.0.1', 'localhost')}/clinician/callback` }),
    ],
    ['a script', () => ({ redirect_uri: 'javascript:alert(1)' })],
  ])('%s', async (_name, change) => {
    expectPage(await authorize(server, await startVisit(server), change()));
  });

  test.each(['client_id', 'redirect_uri'])('%s twice', async (name) => {
    const visit = await startVisit(server);
    expectPage(await authorize(server, visit, [[name, `${server.url}/clinician/callback`]]));
  });

  test('what the client sent is not echoed in the page', async () => {
    const answer = await authorize(server, await startVisit(server), { client_id: '<script>alert(1)</script>' });
    expectPage(answer);
    expect(answer.text).not.toContain('alert');
  });
});

test('whatever is asked, the browser goes to a registered address or nowhere (TH-05)', async () => {
  const registered = `${server.url}/clinician/callback`;
  const piece = fc.constantFrom(
    registered,
    '/',
    '//',
    '\\\\',
    '@',
    '#',
    '?',
    '%2e',
    '%0d%0a',
    '..',
    'https:',
    'evil.example',
    ' ',
    '\t',
  );
  const uri = fc.array(piece, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
  const visit = await startVisit(server);
  await fc.assert(
    fc.asyncProperty(uri, fc.constantFrom('code', 'token', undefined), async (redirectUri, type) => {
      const change = { redirect_uri: redirectUri, response_type: type, launch: 'unknown' };
      const { status, location } = await authorize(server, visit, change);
      if (redirectUri !== registered) expect([status, location]).toEqual([400, undefined]);
      else expect(location?.href.startsWith(`${registered}?`)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

describe('refused, told to the app (SC-032)', () => {
  test.each([
    ['response_type token (SC-033)', { response_type: 'token' }, 'unsupported_response_type'],
    ['response_type code token (SC-033)', { response_type: 'code token' }, 'unsupported_response_type'],
    ['no response_type', { response_type: undefined }, 'invalid_request'],
    ['no state (SC-036)', { state: undefined }, 'invalid_request'],
    ['no aud (SC-034)', { aud: undefined }, 'invalid_request'],
    ['another aud (SC-034)', { aud: 'https://attacker.example/fhir' }, 'invalid_request'],
    ['aud and resource that differ (SC-034)', { resource: 'https://attacker.example/fhir' }, 'invalid_request'],
    ['no challenge (SC-035)', { code_challenge: undefined }, 'invalid_request'],
    ['no challenge and no method', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['plain challenge (SC-035)', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['challenge method left out (plain by RFC 7636)', { code_challenge_method: undefined }, 'invalid_request'],
    ['a short challenge (SC-035)', { code_challenge: 'abc' }, 'invalid_request'],
    ['a challenge with a wrong character', { code_challenge: `${'a'.repeat(42)}=` }, 'invalid_request'],
    ['no scope', { scope: undefined }, 'invalid_scope'],
    ['only scopes nobody may have', { scope: 'launch system/*.rs' }, 'invalid_scope'],
    ['an unknown launch (SC-051)', { launch: 'unknown' }, 'invalid_request'],
    ['scope launch without a launch', { launch: undefined }, 'invalid_request'],
    ['a launch without scope launch (SC-052)', { scope: 'openid patient/*.rs' }, 'invalid_request'],
    [
      'SC-053 patient/ for somebody who has no child to choose',
      { launch: undefined, scope: 'openid patient/*.rs' },
      'access_denied',
    ],
  ])('%s', async (_name, change, error) => {
    expectError(await authorize(server, await startVisit(server), change), error);
  });

  test.each(['scope', 'state', 'code_challenge', 'launch', 'unheard_of'])('%s twice (SC-039)', async (name) => {
    const visit = await startVisit(server);
    const answer = await authorize(
      server,
      visit,
      name === 'unheard_of'
        ? [
            [name, '1'],
            [name, '2'],
          ]
        : [[name, 'again']],
    );
    expectError(answer, 'invalid_request');
  });

  test('nobody signed in', async () => {
    expectError(await authorize(server, await startVisit(server), {}, { cookie: 'other=1' }), 'access_denied');
    expectError(
      await authorize(server, await startVisit(server), {}, { cookie: 'careweave_session=x' }),
      'access_denied',
    );
  });

  test('two session cookies: one of them is somebody else’s', async () => {
    const visit = await startVisit(server);
    const cookie = `careweave_session=planted; careweave_session=${visit.cookie}`;
    expectError(await authorize(server, visit, {}, { cookie }), 'access_denied');
  });

  test('a launch of another session (SC-051)', async () => {
    const mine = await startVisit(server);
    const other = await startVisit(server);
    expectError(await authorize(server, mine, { launch: other.launchId }), 'access_denied');
    expect((await authorize(server, other)).location?.searchParams.get('code')).toBeTruthy();
  });

  test('a launch made for another client (SC-054)', async () => {
    const key = await testKey('ES384');
    const other = await server.auth.addClient({
      name: 'Other app',
      type: 'asymmetric',
      scopes: 'launch patient/*.rs',
      redirectUris: [`${server.url}/other`],
      jwks: { keys: [key.publicJwk] },
    });
    if (!other.ok) throw new Error('not added');
    expectError(await authorize(server, await startVisit(server, { clientId: other.value.id })), 'invalid_request');
  });

  test('a launch a second time, and twice at once (SC-050)', async () => {
    const visit = await startVisit(server);
    const answers = await Promise.all([authorize(server, visit), authorize(server, visit), authorize(server, visit)]);
    expect(answers.filter(({ location }) => location?.searchParams.has('code'))).toHaveLength(1);
    expectError(await authorize(server, visit), 'invalid_request');
  });

  test('an expired launch (SC-051)', async () => {
    const visit = await startVisit(server);
    server.clock.advance(301);
    expectError(await authorize(server, visit), 'invalid_request');
  });

  test('a request that is wrong elsewhere does not use the launch up', async () => {
    const visit = await startVisit(server);
    expectError(await authorize(server, visit, { aud: 'https://attacker.example' }), 'invalid_request');
    expect((await authorize(server, visit)).location?.searchParams.get('code')).toBeTruthy();
  });
});

describe('code, refused (SC-037, TH-06)', () => {
  test.each([
    ['a random verifier', { code_verifier: 'r'.repeat(43) }],
    ['a blank verifier', { code_verifier: '' }],
    ['a short verifier', { code_verifier: 'short' }],
    ['another redirect_uri', { redirect_uri: 'https://attacker.example/' }],
    ['no redirect_uri', { redirect_uri: '' }],
    ['an unknown code', { code: 'unknown' }],
  ])('%s', async (_name, change) => {
    const visit = await startVisit(server);
    const answer = await exchange(server, visit, await codeOf(server, visit), change);
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
  });

  test('the challenge sent as verifier', async () => {
    const visit = await startVisit(server);
    const change = { code_verifier: challengeFor(visit.verifier) };
    expect((await exchange(server, visit, await codeOf(server, visit), change)).body.error).toBe('invalid_grant');
  });

  test('after a wrong verifier the code is spent', async () => {
    const visit = await startVisit(server);
    const code = await codeOf(server, visit);
    await exchange(server, visit, code, { code_verifier: 'r'.repeat(43) });
    expect((await exchange(server, visit, code)).body.error).toBe('invalid_grant');
  });

  test('expired', async () => {
    const visit = await startVisit(server);
    const code = await codeOf(server, visit);
    server.clock.advance(61);
    expect((await exchange(server, visit, code)).body.error).toBe('invalid_grant');
  });

  test('by another public client', async () => {
    const visit = await startVisit(server);
    const app = await server.auth.addClient({
      name: 'Thief',
      type: 'public',
      scopes: 'patient/*.rs',
      redirectUris: [`${server.url}/clinician/callback`],
    });
    if (!app.ok) throw new Error('not added');
    const answer = await exchange(server, visit, await codeOf(server, visit), { client_id: app.value.id });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
  });

  test('by a client with keys that does not use them, and by one that uses them (SC-080)', async () => {
    const visit = await startVisit(server);
    const key = await testKey('ES384');
    const scopes = 'patient/*.rs';
    const app = await server.auth.addClient({ name: 'K', type: 'asymmetric', scopes, jwks: { keys: [key.publicJwk] } });
    if (!app.ok) throw new Error('not added');
    const code = await codeOf(server, visit);
    expect((await exchange(server, visit, code, { client_id: app.value.id })).status).toBe(401);
    const signed = await assertion(server, app.value.id, key);
    const withKey = { client_id: app.value.id, client_assertion: signed, client_assertion_type: assertionType };
    expect((await exchange(server, visit, code, withKey)).body.error).toBe('invalid_grant');
    expect((await exchange(server, visit, code, { client_id: '' })).status).toBe(401);
  });

  test('a second use is refused and revokes what the first gave', async () => {
    const visit = await startVisit(server);
    const code = await codeOf(server, visit);
    const first = await exchange(server, visit, code);
    const bearer = `Bearer ${String(first.body.access_token)}`;
    expect((await server.auth.verifyBearer(bearer)).ok).toBe(true);
    expect((await exchange(server, visit, code)).body.error).toBe('invalid_grant');
    expect((await server.auth.verifyBearer(bearer)).ok).toBe(false);
  });

  test('used five times at once: at most one token, and it is revoked', async () => {
    const visit = await startVisit(server);
    const code = await codeOf(server, visit);
    const answers = await Promise.all(Array.from({ length: 5 }, () => exchange(server, visit, code)));
    const given = answers.filter((answer) => answer.status === 200);
    expect(given).toHaveLength(1);
    expect((await server.auth.verifyBearer(`Bearer ${String(given[0]?.body.access_token)}`)).ok).toBe(false);
  });
});

describe('granted', () => {
  test.each(['GET', 'POST'] as const)(
    'by %s: state to the letter, our issuer, a code (SC-030, SC-036)',
    async (method) => {
      const { status, location } = await authorize(server, await startVisit(server), {}, { method });
      expect(status).toBe(302);
      expect(location?.searchParams.get('state')).toBe('a state ünd + % mark');
      expect(location?.searchParams.get('iss')).toBe(server.url);
      expect(location?.searchParams.get('code')).toHaveLength(43);
    },
  );

  test('tokens for the launch patient, an id_token for the person (SC-070, SC-074, SC-090)', async () => {
    const visit = await startVisit(server, { patientId: 'child-7' });
    const answer = await exchange(server, visit, await codeOf(server, visit, { nonce: 'n-1' }));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('pragma')).toBe('no-cache');
    expect(answer.body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'launch openid fhirUser user/Practitioner.rs patient/*.rs',
      patient: 'child-7',
      need_patient_banner: false,
    });
    const jwks = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`));
    const idToken = await jwtVerify(String(answer.body.id_token), jwks, {
      issuer: server.url,
      audience: 'careweave-clinician',
    });
    expect(idToken.protectedHeader.alg).toBe('RS256');
    expect(idToken.payload).toMatchObject({ nonce: 'n-1', fhirUser: `${server.fhirBaseUrl}/Practitioner/doctor-1` });
    expect(idToken.payload.sub).not.toContain('doctor');
    const principal = await server.auth.verifyBearer(`Bearer ${String(answer.body.access_token)}`);
    expect(principal).toMatchObject({
      ok: true,
      value: { kind: 'user', id: 'Practitioner/doctor-1', patientId: 'child-7', clientId: 'careweave-clinician' },
    });
    // TH-09: the id_token is no access token.
    expect((await server.auth.verifyBearer(`Bearer ${String(answer.body.id_token)}`)).ok).toBe(false);
  });

  test('no id_token without openid (SC-090)', async () => {
    const visit = await startVisit(server);
    const answer = await exchange(server, visit, await codeOf(server, visit, { scope: 'launch patient/Goal.rs' }));
    expect(answer.body.id_token).toBeUndefined();
    expect(answer.body.scope).toBe('launch patient/Goal.rs');
  });

  test('no secret is stored as itself', async () => {
    const visit = await startVisit(server);
    const code = await codeOf(server, visit);
    for (const table of ['auth_session', 'auth_launch', 'auth_code', 'auth_grant']) {
      const rows = JSON.stringify(await server.sql.query(`SELECT t.*, to_jsonb(t)::text AS text FROM ${table} t`));
      for (const secret of [visit.cookie, visit.launchId, code, visit.verifier]) expect(rows).not.toContain(secret);
    }
  });
});

describe('bearer, refused', () => {
  test.each([
    ['nothing', undefined],
    ['an empty header', ''],
    ['Basic', 'Basic eDp5'],
    ['no token', 'Bearer '],
    ['junk', 'Bearer junk'],
    ['two tokens', 'Bearer a.b.c, Bearer d.e.f'],
    ['a token of 1 MB', `Bearer ${'a'.repeat(1_000_000)}.b.c`],
  ])('%s', async (_name, header) => {
    const result = await server.auth.verifyBearer(header);
    expect(result).toMatchObject({ ok: false, error: { kind: 'unauthorized' } });
  });
});

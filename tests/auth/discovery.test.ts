import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type AuthServer, askBackend, assertion, postForm, testKey } from './support/auth-server.ts';
import { codeOf, exchange, registerClinician, startVisit } from './support/clinician.ts';
import { authorizeUrl, enrol, redeem, registerApp, startPeopleServer, Visitor } from './support/person.ts';

/** What discovery promises, kept: each thing that is listed is asked for here. */
let server: AuthServer;
let said: Record<string, any>;
let father: Visitor;
beforeAll(async () => {
  server = await startPeopleServer();
  await registerClinician(server);
  said = { ...server.auth.smartConfiguration() };
  father = (await enrol(server, 'father', ['RelatedPerson/ada-father'])).visitor;
});
afterAll(() => server?.close());

describe('what is said', () => {
  test('SC-002, SC-009: endpoints, absolute and ours; response_type code only', () => {
    const endpoints = Object.entries(said).filter(([name]) => /_endpoint$|_uri$|_bundle$/.test(name));
    expect(endpoints.map(([name]) => name)).toEqual(
      expect.arrayContaining([
        'authorization_endpoint',
        'token_endpoint',
        'introspection_endpoint',
        'revocation_endpoint',
        'management_endpoint',
        'jwks_uri',
      ]),
    );
    for (const [, url] of endpoints) expect(new URL(url).href.startsWith(`${server.url}/`)).toBe(true);
    expect(said.response_types_supported).toEqual(['code']);
    for (const name of ['capabilities', 'grant_types_supported', 'code_challenge_methods_supported'])
      expect(said[name].length).toBeGreaterThan(0);
  });

  test('SC-003, SC-004, SC-005: grants, challenges, OpenID Connect', () => {
    expect([...said.grant_types_supported].sort()).toEqual([
      'authorization_code',
      'client_credentials',
      'refresh_token',
    ]);
    expect(said.code_challenge_methods_supported).toEqual(['S256']);
    expect(said.capabilities).toContain('sso-openid-connect');
    expect([said.issuer, said.jwks_uri]).toEqual([server.url, `${server.url}/.well-known/jwks.json`]);
  });

  test('SC-006: the capabilities that US Core asks for, each of the specification’s and said once', () => {
    const known = [
      ...['launch-ehr', 'launch-standalone', 'authorize-post', 'client-public', 'client-confidential-symmetric'],
      ...['client-confidential-asymmetric', 'sso-openid-connect', 'context-banner', 'context-style'],
      ...['context-ehr-patient', 'context-ehr-encounter', 'context-standalone-patient', 'context-standalone-encounter'],
      ...['permission-offline', 'permission-online', 'permission-patient', 'permission-user', 'permission-v1'],
      ...['permission-v2', 'smart-app-state'],
    ];
    expect(said.capabilities.filter((one: string) => !known.includes(one))).toEqual([]);
    expect(new Set(said.capabilities).size).toBe(said.capabilities.length);
    for (const name of known.filter((one) => one !== 'smart-app-state')) expect(said.capabilities).toContain(name);
    // At an endpoint of its own.
    expect(said.associated_endpoints).toEqual([{ url: `${server.url}/app-state`, capabilities: ['smart-app-state'] }]);
  });

  test('SC-007: how clients authenticate, and each way is understood', async () => {
    expect(said.token_endpoint_auth_methods_supported).toEqual([
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ]);
    expect(said.token_endpoint_auth_signing_alg_values_supported).toEqual(['RS384', 'ES384']);
    const statuses = [];
    for (const algorithm of said.token_endpoint_auth_signing_alg_values_supported) {
      const { key, clientId } = await machine(algorithm);
      statuses.push((await askBackend(server, await assertion(server, clientId, key))).status);
    }
    expect(statuses).toEqual([200, 200]);
  });

  test('SC-010, SC-077: what is withdrawn or not done is not said', async () => {
    expect(said).not.toHaveProperty('smart_app_state_endpoint');
    for (const place of said.associated_endpoints ?? [])
      expect(place).toEqual({ url: expect.stringMatching(/^https?:/), capabilities: expect.any(Array) });
    const visit = await startVisit(server);
    const { body } = await exchange(server, visit, await codeOf(server, visit));
    expect(body).not.toHaveProperty('authorization_details');
  });

  test('SC-013: OpenID discovery is about the issuer of the id_token', async () => {
    const address = `${server.url}/.well-known/openid-configuration`;
    const answer = await fetch(address);
    const openid: any = await answer.json();
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/^application\/json/),
    ]);
    for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) expect(openid[name]).toBe(said[name]);
    expect(openid.response_types_supported).toEqual(['code']);
    expect(openid.subject_types_supported).toEqual(['public']);
    expect(openid.id_token_signing_alg_values_supported).toContain('RS256');
    const visit = await startVisit(server);
    const { body } = await exchange(server, visit, await codeOf(server, visit));
    expect(decodeJwt(String(body.id_token)).iss).toBe(openid.issuer);
  });

  test('SC-014: how long the keys may be kept', async () => {
    const answer = await fetch(said.jwks_uri);
    expect(answer.headers.get('cache-control')).toMatch(/^public, max-age=\d+$/);
  });
});

async function machine(algorithm: 'RS384' | 'ES384' = 'ES384') {
  const key = await testKey(algorithm, `key-${algorithm}`);
  const jwks = { keys: [key.publicJwk] };
  const added = await server.auth.addClient({ name: 'M', type: 'asymmetric', scopes: 'system/*.cruds', jwks });
  if (!added.ok) throw new Error('not added');
  return { key, clientId: added.value.id };
}

/** A launch from a record system with these scopes: what the app is granted. */
async function launched(scope: string): Promise<Record<string, unknown>> {
  const visit = await startVisit(server);
  return (await exchange(server, visit, await codeOf(server, visit, { scope }))).body;
}

/** A launch by the app itself, for the father of Ada. */
async function standalone(scope: string, encounter?: string): Promise<Record<string, unknown>> {
  const app = await registerApp(server);
  await father.open(authorizeUrl(server, app, { scope }));
  if (encounter !== undefined) await father.submit('choose', { encounter });
  return redeem(server, app, await father.submit('allow'));
}

const scopesOf = (token: Record<string, unknown>) => String(token.scope).split(' ');

/** For each scope that may be listed: what shows that it works. */
const works: Record<string, () => Promise<void>> = {
  launch: async () => expect(await launched('launch patient/*.rs')).toMatchObject({ patient: 'child-1' }),
  'launch/patient': async () =>
    expect(await standalone('launch/patient patient/Observation.rs')).toMatchObject({ patient: 'ada' }),
  'launch/encounter': async () =>
    expect(await standalone('launch/patient launch/encounter patient/Observation.rs', 'visit-1')).toMatchObject({
      encounter: 'visit-1',
    }),
  openid: async () => expect((await launched('launch openid patient/*.rs')).id_token).toEqual(expect.any(String)),
  fhirUser: async () => {
    const token = await launched('launch openid fhirUser patient/*.rs');
    expect(decodeJwt(String(token.id_token)).fhirUser).toBe(`${server.fhirBaseUrl}/Practitioner/doctor-1`);
  },
  offline_access: async () => {
    const token = await standalone('launch/patient offline_access patient/Observation.rs');
    expect([scopesOf(token).includes('offline_access'), typeof token.refresh_token]).toEqual([true, 'string']);
  },
  online_access: async () => {
    const app = await registerApp(server);
    const visit = await startVisit(server, { clientId: app.id, patientId: 'ada' });
    const browser = new Visitor(server.url);
    browser.cookies.set('careweave_session', visit.cookie);
    await browser.open(
      authorizeUrl(server, app, { scope: 'launch online_access patient/*.rs', launch: visit.launchId }),
    );
    const token = await redeem(server, app, await browser.submit('allow'));
    expect([scopesOf(token).includes('online_access'), typeof token.refresh_token]).toEqual([true, 'string']);
  },
  'patient/*.rs': async () => expect(scopesOf(await launched('launch patient/*.rs'))).toContain('patient/*.rs'),
  'user/*.cruds': async () =>
    expect(scopesOf(await standalone('launch/patient patient/Patient.rs user/*.cruds')).join(' ')).toContain('user/'),
  'system/*.cruds': async () => {
    const { key, clientId } = await machine();
    const answer = await askBackend(server, await assertion(server, clientId, key), { scope: 'system/*.cruds' });
    expect(answer.body.scope).toBe('system/*.cruds');
  },
};

test('SC-008: every scope that is listed works', async () => {
  expect(said.scopes_supported.length).toBeGreaterThan(8);
  for (const scope of said.scopes_supported) {
    expect([scope, Object.hasOwn(works, scope)]).toEqual([scope, true]);
    await works[scope]?.();
  }
});

test('SC-008: every grant that is listed is understood, and no other', async () => {
  for (const grant_type of [
    ...said.grant_types_supported,
    'password',
    'urn:ietf:params:oauth:grant-type:device_code',
  ]) {
    const { body } = await postForm(server.tokenUrl, { grant_type, client_id: 'nobody' });
    expect([grant_type, body.error === 'unsupported_grant_type']).toEqual([
      grant_type,
      !said.grant_types_supported.includes(grant_type),
    ]);
  }
});

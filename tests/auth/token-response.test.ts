import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import type { NewClient } from '../../src/auth/types.ts';
import { addApp, newCode, newTokens, opens, redeem, refresh } from './support/apps.ts';
import { type AuthServer, startAuthServer } from './support/auth-server.ts';

let server: AuthServer;
let app: string;
const hidden = new Set(['Encounter/hidden', 'ImagingStudy/hidden']);

beforeAll(async () => {
  server = await startAuthServer(undefined, { mayKnow: async (_grant, reference) => !hidden.has(reference) });
  app = await addApp(server);
});
afterAll(async () => {
  await server.close();
});

describe('SC-075 a context that is not told', () => {
  test('an encounter or another resource that the person may not see, at the code and at each refresh', async () => {
    const items = [{ reference: 'ImagingStudy/hidden' }, { reference: 'ImagingStudy/i-1' }];
    const tokens = await newTokens(server, app, { encounterId: 'hidden', fhirContext: items });
    expect(tokens).not.toHaveProperty('encounter');
    expect(tokens.fhirContext).toEqual([{ reference: 'ImagingStudy/i-1' }]);
    hidden.add('ImagingStudy/i-1');
    const later = await refresh(server, app, tokens.refresh_token);
    hidden.delete('ImagingStudy/i-1');
    expect(later.body.patient).toBe('child-1');
    expect(later.body).not.toHaveProperty('fhirContext');
  });

  test('none at all to a token without a patient/ or user/ scope', async () => {
    const context = { encounterId: 'e-1', intent: 'x', tenant: 't', needPatientBanner: true };
    const tokens = await newTokens(server, app, { scope: 'openid fhirUser', ...context });
    const named = ['patient', 'encounter', 'need_patient_banner', 'intent', 'tenant'];
    expect(named.filter((name) => name in tokens)).toEqual([]);
    expect(tokens.id_token).toBeDefined();
  });
});

describe('SC-073 fhirContext', () => {
  test('leaves out what is no context: no name, absolute and broken references, roles that are no URI, the patient again', async () => {
    const wrong = [
      {},
      { type: 'ImagingStudy' },
      { reference: 'https://elsewhere.example/ImagingStudy/1' },
      { reference: 'ImagingStudy' },
      { reference: 'imagingstudy/1' },
      { reference: 'ImagingStudy/1/_history/2' },
      { reference: 'ImagingStudy/1', role: '' },
      { reference: 'ImagingStudy/1', role: 'role' },
      { reference: 'Patient/child-1' },
      { reference: 'Encounter/e-1', role: 'launch' },
      { identifier: { value: '1' }, type: 'Patient' },
    ];
    const right = [
      { reference: 'ImagingStudy/1', type: 'ImagingStudy' },
      { reference: 'Patient/mother-1', role: 'https://example.org/role/mother' },
      { canonical: 'https://example.org/Questionnaire/q|1', role: 'https://example.org/role/form' },
      { identifier: { system: 'urn:x', value: '1' }, type: 'ServiceRequest' },
    ];
    const tokens = await newTokens(server, app, { fhirContext: [...wrong, ...right] });
    expect(tokens.fhirContext).toEqual(right);
    expect(await newTokens(server, app, { fhirContext: wrong })).not.toHaveProperty('fhirContext');
  });
});

describe('SC-078 refused as RFC 6749 has it', () => {
  test.each<[string, Record<string, string>, number, string]>([
    ['a code that is none', { code: 'x'.repeat(43) }, 400, 'invalid_grant'],
    ['no code', { code: '' }, 400, 'invalid_request'],
    ['TH-06 no verifier, though there was a challenge', { code_verifier: '' }, 400, 'invalid_grant'],
    ['TH-06 another verifier', { code_verifier: 'v'.repeat(43) }, 400, 'invalid_grant'],
    ['another redirect_uri', { redirect_uri: 'https://app.example/other' }, 400, 'invalid_grant'],
    ['a grant_type that is none', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['a client that is none', { client_id: 'nobody' }, 401, 'invalid_client'],
  ])('%s', async (_name, change, status, error) => {
    const answer = await redeem(server, app, await newCode(server, app), change);
    expect([answer.status, answer.body.error]).toEqual([status, error]);
    expect(Object.keys(answer.body).sort()).toEqual(['error', 'error_description']);
    expect([answer.headers.get('cache-control'), answer.headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  });
});

describe('told', () => {
  test('SC-070 SC-072 SC-074 SC-077 each key in its form', async () => {
    const answer = await redeem(
      server,
      app,
      await newCode(server, app, {
        encounterId: 'e-1',
        needPatientBanner: false,
        intent: 'reconcile-medications',
        smartStyleUrl: 'https://styles.example/1.json',
        tenant: 'north-7',
        appContext: '{"a":1}',
      }),
    );
    expect(answer.status).toBe(200);
    expect([answer.headers.get('cache-control'), answer.headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    // SC-077: there is one FHIR server, and nothing more to say of it.
    expect(answer.body).not.toHaveProperty('authorization_details');
    expect(answer.body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'openid fhirUser offline_access patient/*.rs',
      patient: 'child-1',
      encounter: 'e-1',
      need_patient_banner: false,
      intent: 'reconcile-medications',
      smart_style_url: 'https://styles.example/1.json',
      tenant: 'north-7',
      appContext: '{"a":1}',
    });
  });

  test('SC-071 scopes as they were asked for: v1 as v1, v2 in the order of the letters', async () => {
    const scope = 'openid patient/Observation.read patient/Goal.cruds user/Patient.rs';
    expect((await newTokens(server, app, { scope })).scope).toBe(scope);
  });

  test('SC-090 every token verifies with an independent library against our JWKS; none says who the person is by name', async () => {
    const tokens = await newTokens(server, app, { nonce: 'n-1' });
    const jwks = createRemoteJWKSet(new URL(`${server.url}/.well-known/jwks.json`));
    const access = await jwtVerify(tokens.access_token, jwks, {
      issuer: server.url,
      audience: server.fhirBaseUrl,
      typ: 'at+jwt',
      algorithms: ['RS256'],
      requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
    });
    const identity = await jwtVerify(String(tokens.id_token), jwks, {
      issuer: server.url,
      audience: app,
      algorithms: ['RS256'],
    });
    expect(identity.payload).toMatchObject({
      aud: app,
      nonce: 'n-1',
      sub: access.payload.sub,
      fhirUser: `${server.fhirBaseUrl}/RelatedPerson/mother`,
    });
    expect(String(identity.payload.sub)).toMatch(/^[\da-f-]{36}$/);
    const other = await newTokens(server, await addApp(server));
    expect(decodeJwt(String(other.id_token)).sub).toBe(identity.payload.sub);
    expect(await opens(server, tokens.id_token)).toBe(false);
  });

  test('SC-090 SC-091 no id_token without openid, no fhirUser without fhirUser', async () => {
    expect(await newTokens(server, app, { scope: 'patient/*.rs' })).not.toHaveProperty('id_token');
    const { id_token } = await newTokens(server, app, { scope: 'openid patient/*.rs' });
    expect(decodeJwt(String(id_token))).not.toHaveProperty('fhirUser');
  });

  test('TH-10 a client cannot take the subject of a person for its id', async () => {
    const { id_token } = await newTokens(server, app);
    const client: NewClient = {
      name: 'x',
      type: 'public',
      scopes: 'patient/*.rs',
      redirectUris: ['https://x.example/'],
    };
    const taken = await server.auth.addClient({ ...client, id: String(decodeJwt(String(id_token)).sub) });
    expect(taken).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    expect((await server.auth.addClient({ ...client, id: 'RelatedPerson/mother' })).ok).toBe(false);
  });
});

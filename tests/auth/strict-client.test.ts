import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import { createClientSecrets } from '../../src/auth/client-secrets.ts';
import { addApp } from './support/apps.ts';
import { type AuthServer, startAuthServer, type TestKey, testKey } from './support/auth-server.ts';
import { authorize, startVisit } from './support/clinician.ts';

/** A client by other people, which takes nothing that the standards do not allow, against a real server. */
let server: AuthServer;
let as: oauth.AuthorizationServer;
let key: TestKey;

const http = { [oauth.allowInsecureRequests]: true } as const;
const redirectUri = 'https://app.example/callback';

beforeAll(async () => {
  server = await startAuthServer();
  key = await testKey('ES384');
  const issuer = new URL(server.url);
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oidc', ...http });
  // The check that the answer comes from the server that was asked is not left to what that server says.
  as = {
    ...(await oauth.processDiscoveryResponse(issuer, found)),
    authorization_response_iss_parameter_supported: true,
  };
});
afterAll(async () => {
  await server.close();
});

type Way = 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt';

/** A client of the type that the way needs, and its authentication. */
async function clientOf(way: Way): Promise<{ client: oauth.Client; proof: oauth.ClientAuth }> {
  const type = way === 'none' ? 'public' : way === 'private_key_jwt' ? 'asymmetric' : 'symmetric';
  const jwks = type === 'asymmetric' ? { jwks: { keys: [key.publicJwk] } } : {};
  const scopes = 'launch openid fhirUser offline_access online_access patient/*.rs user/*.rs system/*.rs';
  const id = await addApp(server, { type, scopes, firstParty: true, ...jwks });
  const client: oauth.Client = { client_id: id };
  if (way === 'none') return { client, proof: oauth.None() };
  if (way === 'private_key_jwt') return { client, proof: signed() };
  const secret = await createClientSecrets(server).add(id);
  const proof = way === 'client_secret_basic' ? oauth.ClientSecretBasic(secret) : oauth.ClientSecretPost(secret);
  return { client, proof };
}

/** SMART: the audience is the token endpoint, nothing else. */
function signed(): oauth.ClientAuth {
  return oauth.PrivateKeyJwt(
    { key: key.privateKey, kid: key.kid },
    {
      [oauth.modifyAssertion]: (header, payload) => {
        header.typ = 'JWT';
        payload.aud = server.tokenUrl;
      },
    },
  );
}

const usual = 'launch openid fhirUser offline_access user/Practitioner.rs patient/*.rs';

async function launch(client: oauth.Client, nonce: string, scope = usual) {
  const visit = await startVisit(server, { clientId: client.client_id });
  const state = oauth.generateRandomState();
  const change = { client_id: client.client_id, redirect_uri: redirectUri, scope, state, nonce };
  const { location } = await authorize(server, visit, change);
  if (!location) throw new Error('not sent back');
  return {
    parameters: oauth.validateAuthResponse(as, client, location, state),
    verifier: visit.verifier,
    location,
    state,
  };
}

test('SC-038 an answer that names another issuer, or none, is found out', async () => {
  const { client } = await clientOf('none');
  const { location, state } = await launch(client, oauth.generateRandomNonce());
  const other = new URL(location);
  other.searchParams.set('iss', 'https://attacker.example');
  expect(() => oauth.validateAuthResponse(as, client, other, state)).toThrow(/iss/);
  other.searchParams.delete('iss');
  expect(() => oauth.validateAuthResponse(as, client, other, state)).toThrow(/iss/);
});

describe.each<Way>(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])('%s', (way) => {
  test('SC-130 code with PKCE, id_token, refresh, introspection, revocation', async () => {
    const { client, proof } = await clientOf(way);
    const nonce = oauth.generateRandomNonce();
    const { parameters, verifier } = await launch(client, nonce);
    const answer = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      proof,
      parameters,
      redirectUri,
      verifier,
      http,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, {
      expectedNonce: nonce,
      requireIdToken: true,
      maxAge: 600,
    });
    await oauth.validateApplicationLevelSignature(as, answer, http);
    expect(oauth.getValidatedIdTokenClaims(tokens)?.fhirUser).toBe(`${server.fhirBaseUrl}/Practitioner/doctor-1`);
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 3600, patient: 'child-1' });

    const request = new Request(server.fhirBaseUrl, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    const claims = await oauth.validateJwtAccessToken(as, request, server.fhirBaseUrl, http);
    expect(claims).toMatchObject({ client_id: client.client_id, scope: tokens.scope });

    const again = await oauth.refreshTokenGrantRequest(as, client, proof, String(tokens.refresh_token), http);
    const next = await oauth.processRefreshTokenResponse(as, client, again);
    expect(next.refresh_token).not.toBe(tokens.refresh_token);
    expect(next.scope).toBe(tokens.scope);

    if (way !== 'none') {
      const asked = await oauth.introspectionRequest(as, client, proof, next.access_token, http);
      const told = await oauth.processIntrospectionResponse(as, client, asked);
      expect(told).toMatchObject({ active: true, client_id: client.client_id, scope: next.scope, patient: 'child-1' });
    }
    const ended = await oauth.revocationRequest(as, client, proof, String(next.refresh_token), http);
    await oauth.processRevocationResponse(ended);
    expect((await server.auth.verifyBearer(`Bearer ${next.access_token}`)).ok).toBe(false);
    const late = await oauth.refreshTokenGrantRequest(as, client, proof, String(next.refresh_token), http);
    await expect(oauth.processRefreshTokenResponse(as, client, late)).rejects.toMatchObject({
      error: 'invalid_grant',
      status: 400,
    });
  });
});

test.each([
  ['offline_access online_access', 'offline_access', true],
  ['online_access', 'online_access', true],
  ['', '', false],
])('SC-100 asked for “%s”, granted “%s”', async (asked, granted, refreshes) => {
  const { client, proof } = await clientOf('none');
  const { parameters, verifier } = await launch(client, oauth.generateRandomNonce(), `launch ${asked} patient/*.rs`);
  const answer = await oauth.authorizationCodeGrantRequest(as, client, proof, parameters, redirectUri, verifier, http);
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer);
  expect(
    tokens.scope
      ?.split(' ')
      .filter((scope) => scope.endsWith('_access'))
      .join(),
  ).toBe(granted);
  expect(tokens.refresh_token !== undefined).toBe(refreshes);
});

test('SC-140 SC-143 client_credentials with private_key_jwt', async () => {
  const { client, proof } = await clientOf('private_key_jwt');
  const scope = new URLSearchParams({ scope: 'system/*.cruds' });
  const answer = await oauth.clientCredentialsGrantRequest(as, client, proof, scope, http);
  const tokens = await oauth.processClientCredentialsResponse(as, client, answer);
  expect(tokens).toMatchObject({ scope: 'system/*.rs', expires_in: 300 });
  expect(tokens.refresh_token ?? tokens.id_token).toBeUndefined();
});

test('SC-131 the audience that other servers take, the issuer, is not ours', async () => {
  const { client } = await clientOf('private_key_jwt');
  const proof = oauth.PrivateKeyJwt({ key: key.privateKey, kid: key.kid });
  const scope = new URLSearchParams({ scope: 'system/*.rs' });
  const answer = await oauth.clientCredentialsGrantRequest(as, client, proof, scope, http);
  await expect(oauth.processClientCredentialsResponse(as, client, answer)).rejects.toMatchObject({
    error: 'invalid_client',
  });
});

import type { Server } from 'node:http';
import express from 'express';
import { createRemoteJWKSet, jwtVerify, SignJWT } from 'jose';
import { closeServer, listen, type TestKey, testKey } from './auth-server.ts';
import { challengeFor } from './clinician.ts';

/** What a test can make the hospital answer, right or wrong. */
export interface EhrBehavior {
  configuration?: Record<string, unknown>;
  tokenBody?: Record<string, unknown>;
  idClaims?: Record<string, unknown>;
  idKey?: TestKey;
  withoutIdToken?: boolean;
  tokenStatus?: number;
}

export interface FakeEhr {
  iss: string;
  behavior: EhrBehavior;
  /** How many token requests came that were right in every part. */
  redeemed: number;
  close(): Promise<void>;
}

/** A hospital's authorization server with just enough in it to launch Careweave; it checks PKCE and our assertion with jose. */
export async function startFakeEhr(careweaveJwks: () => string): Promise<FakeEhr> {
  const app = express();
  const { server, url }: { server: Server; url: string } = await listen(app);
  const iss = `${url}/fhir`;
  const key = await testKey('RS256', 'ehr-key');
  const ehr: FakeEhr = { iss, behavior: {}, redeemed: 0, close: () => closeServer(server) };
  const issued = new Map<string, { challenge: string; nonce: string; redirectUri: string }>();

  app.get('/fhir/.well-known/smart-configuration', (_request, response) => {
    response.json({
      issuer: iss,
      jwks_uri: `${url}/jwks`,
      authorization_endpoint: `${url}/authorize?tenant=1`,
      token_endpoint: `${url}/token`,
      ...ehr.behavior.configuration,
    });
  });
  app.get('/jwks', (_request, response) => {
    response.json({ keys: [{ ...key.publicJwk, alg: 'RS256' }] });
  });
  app.get('/authorize', (request, response) => {
    const query = new URL(request.originalUrl, url).searchParams;
    const get = (name: string) => query.get(name) ?? '';
    const right =
      get('aud') === iss && get('client_id') === 'careweave' && get('launch') === 'ehr-launch' && get('tenant') === '1';
    if (!right || get('code_challenge_method') !== 'S256') return response.status(400).end();
    const code = crypto.randomUUID();
    issued.set(code, { challenge: get('code_challenge'), nonce: get('nonce'), redirectUri: get('redirect_uri') });
    const back = new URL(get('redirect_uri'));
    back.searchParams.set('code', code);
    back.searchParams.set('state', get('state'));
    return response.redirect(back.href);
  });
  app.post('/token', express.urlencoded({ extended: false }), async (request, response) => {
    const form: Record<string, string> = request.body;
    const grant = issued.get(form.code ?? '');
    issued.delete(form.code ?? '');
    if (
      !grant ||
      challengeFor(form.code_verifier ?? '') !== grant.challenge ||
      form.redirect_uri !== grant.redirectUri
    ) {
      return response.status(400).json({ error: 'invalid_grant' });
    }
    const signed = { issuer: 'careweave', subject: 'careweave', audience: `${url}/token`, algorithms: ['ES384'] };
    await jwtVerify(form.client_assertion ?? '', createRemoteJWKSet(new URL(careweaveJwks())), signed);
    ehr.redeemed += 1;
    const { behavior } = ehr;
    const body: Record<string, unknown> = {
      access_token: 'ehr-token',
      token_type: 'Bearer',
      scope: 'launch',
      patient: 'ehr-child',
      need_patient_banner: false,
      fhirUser: 'Practitioner/ehr-doctor',
    };
    if (!behavior.withoutIdToken)
      body.id_token = await idToken(iss, behavior.idKey ?? key, grant.nonce, behavior.idClaims);
    return response.status(behavior.tokenStatus ?? 200).json({ ...body, ...behavior.tokenBody });
  });
  return ehr;
}

function idToken(iss: string, key: TestKey, nonce: string, change: Record<string, unknown> = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const fhirUser = `${iss}/Practitioner/ehr-doctor`;
  const claims = { iss, sub: 'x', aud: 'careweave', iat: now, exp: now + 300, nonce, fhirUser, ...change };
  return new SignJWT(claims).setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: 'JWT' }).sign(key.privateKey);
}

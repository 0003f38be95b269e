import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';
import { createProviders } from '../../../src/auth/people/providers.ts';
import { createSealing } from '../../../src/auth/people/sealing.ts';
import { createGuardedFetch } from '../../../src/base/guarded-fetch.ts';
import { publicJwk } from '../../../src/base/jwt.ts';
import { type AuthServer, closeServer, listen, startAuthServer } from '../support/auth-server.ts';
import { authorizeUrl, enrol, redeem, registerApp, startPeopleServer, Visitor } from '../support/person.ts';

/** A hospital's sign-on, written apart: signs with jose, and can be told to answer wrongly. */
interface SignOn {
  issuer: string;
  /** What the id_token says differently; a claim set to undefined is left out. */
  change: Record<string, unknown>;
  foreignKey: boolean;
  /** Client authentication as it came to the token endpoint. */
  assertion: string | undefined;
  secret: string | undefined;
  challenge: string | undefined;
  verifier: string | undefined;
  close(): Promise<void>;
}

async function startSignOn(): Promise<SignOn> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const foreign = await generateKeyPair('RS256');
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  const app = express();
  const { server, url } = await listen(app);
  const signOn: SignOn = {
    issuer: url,
    change: {},
    foreignKey: false,
    assertion: undefined,
    secret: undefined,
    challenge: undefined,
    verifier: undefined,
    close: () => closeServer(server),
  };
  let nonce = '';
  app.get('/.well-known/openid-configuration', (_request, response) => {
    response.json({
      issuer: url,
      authorization_endpoint: `${url}/authorize`,
      token_endpoint: `${url}/token`,
      jwks_uri: `${url}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
    });
  });
  app.get('/jwks', (_request, response) => {
    response.json({ keys: [jwk] });
  });
  app.get('/authorize', (request, response) => {
    nonce = String(request.query.nonce);
    signOn.challenge = String(request.query.code_challenge);
    const target = new URL(String(request.query.redirect_uri));
    target.searchParams.set('code', 'c-1');
    target.searchParams.set('state', String(request.query.state));
    response.redirect(target.href);
  });
  app.post('/token', express.urlencoded({ extended: false }), async (request, response) => {
    signOn.assertion = request.body.client_assertion;
    signOn.secret = request.body.client_secret;
    signOn.verifier = request.body.code_verifier;
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: url, sub: 'subject-7', aud: 'careweave', iat: now, exp: now + 300, nonce, ...signOn.change };
    const idToken = await new SignJWT(
      Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined)),
    )
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .sign(signOn.foreignKey ? foreign.privateKey : privateKey);
    response.json({ access_token: 'a', token_type: 'Bearer', id_token: idToken });
  });
  return signOn;
}

let server: AuthServer;
let signOn: SignOn;

beforeAll(async () => {
  server = await startPeopleServer();
  signOn = await startSignOn();
  const { id } = await enrol(server, 'doctor', ['Practitioner/doctor']);
  const providers = createProviders({ ...server, sealing: createSealing(server.sql) });
  const { issuer } = signOn;
  await providers.put({
    id: 'lakeside',
    name: 'Lakeside staff',
    issuer,
    clientId: 'careweave',
    claim: 'sub',
    active: true,
  });
  expect(await providers.link('lakeside', 'subject-7', id)).toBe(true);
});
afterAll(async () => {
  await signOn.close();
  await server.close();
});
beforeEach(() => {
  signOn.change = {};
  signOn.foreignKey = false;
});

/** From our sign-in page through the hospital and back; the hospital is another site, so its pages are fetched apart. */
async function goThrough(visitor: Visitor, change: (callback: URL) => void = () => {}) {
  const out = await visitor.open(
    `${server.url}/auth/upstream/lakeside${new URL(String(visitor.seen?.url ?? server.url)).search}`,
  );
  const answer = await fetch(String(out.left), { redirect: 'manual' });
  const callback = new URL(String(answer.headers.get('location')));
  change(callback);
  return visitor.open(callback.href);
}

test('TH-01 the way out leads to the configured sign-on, also on an inner network, and nowhere else', async () => {
  const asked: string[] = [];
  const outer = createGuardedFetch({ allowedOrigins: [], allowLoopback: false });
  const strict = await startAuthServer(undefined, {
    guardedFetch: outer,
    providerFetch: (origin) => {
      asked.push(origin);
      return createGuardedFetch({ allowedOrigins: [], localOrigins: [origin], allowLoopback: false });
    },
  });
  const providers = createProviders({ ...strict, sealing: createSealing(strict.sql) });
  const given = { name: 'X', clientId: 'careweave', claim: 'sub', active: true };
  await providers.put({ ...given, id: 'inner', issuer: signOn.issuer });
  const visitor = new Visitor(strict.url);
  const { left } = await visitor.open(`${strict.url}/auth/upstream/inner`);
  expect([left?.origin, asked]).toEqual([signOn.issuer, [signOn.issuer]]);
  expect((await outer(`${signOn.issuer}/jwks`)).ok).toBe(false);
  await outer.close();
  await strict.close();
});

describe('a hospital’s own sign-on', () => {
  test('signs the linked person in, by PKCE, private_key_jwt and a nonce; and back to the app', async () => {
    const app = await registerApp(server);
    const visitor = new Visitor(server.url);
    const page = await visitor.open(authorizeUrl(server, app));
    expect(page.text).toContain('Lakeside staff');
    expect((await goThrough(visitor)).title).toBe('Which child?');
    await visitor.submit('choose', { name: 'sample' });
    const keys = createLocalJWKSet({ keys: [publicJwk(server.clientKey) as JWK] });
    const { payload } = await jwtVerify(String(signOn.assertion), keys, { issuer: 'careweave', subject: 'careweave' });
    expect(payload.jti).toBeTruthy();
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(signOn.verifier));
    expect(Buffer.from(hash).toString('base64url')).toBe(signOn.challenge);
    const form =
      /action="choose">(?:(?!<\/form>).)*name="patient".*?<\/form>/s.exec(String(visitor.seen?.text))?.[0] ?? '';
    const field = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(form)?.[1] ?? '';
    const body = new URLSearchParams({ t: field('t'), token: field('token'), patient: 'cleo' });
    await visitor.open(`${server.url}/auth/choose`, { method: 'POST', body });
    expect(await redeem(server, app, await visitor.submit('allow'))).toMatchObject({ patient: 'cleo' });
  });

  test.each([
    ['an id_token of another key', { foreignKey: true }],
    ['another issuer', { change: { iss: 'https://attacker.example' } }],
    ['another audience', { change: { aud: 'somebody-else' } }],
    ['another nonce', { change: { nonce: 'replayed' } }],
    ['no nonce', { change: { nonce: undefined } }],
    ['an id_token of yesterday', { change: { exp: 1_700_000_000, iat: 1_699_999_000 } }],
    ['no subject', { change: { sub: undefined } }],
  ])('%s signs nobody in', async (_name, change) => {
    Object.assign(signOn, change);
    const visitor = new Visitor(server.url);
    expect((await goThrough(visitor)).status).toBe(400);
    expect(visitor.cookies.has('careweave_account')).toBe(false);
  });

  test('somebody whom the hospital knows and nobody has linked gets no account', async () => {
    signOn.change = { sub: 'a-stranger' };
    const visitor = new Visitor(server.url);
    const seen = await goThrough(visitor);
    expect([seen.status, seen.title]).toEqual([403, 'You are not in Careweave yet']);
    expect(visitor.cookies.has('careweave_account')).toBe(false);
  });

  test('with a client secret where the hospital wants one: kept sealed, posted in the body', async () => {
    const providers = createProviders({ ...server, sealing: createSealing(server.sql) });
    const kept = await providers.find('lakeside');
    if (!kept) throw new Error('not there');
    await providers.put({ ...kept, clientSecret: 'canary-client-secret' });
    const visitor = new Visitor(server.url);
    await goThrough(visitor);
    expect([signOn.secret, visitor.cookies.has('careweave_account')]).toEqual(['canary-client-secret', true]);
    const [row] = await server.sql.query<{ client_secret: Buffer }>('SELECT client_secret FROM auth_provider');
    expect(row?.client_secret.includes('canary-client-secret')).toBe(false);
    await providers.put(kept);
  });

  test('TH-12 an answer in another browser, a second time, or with another state is worth nothing', async () => {
    const visitor = new Visitor(server.url);
    let callback = '';
    await goThrough(visitor, (url) => {
      callback = url.href;
    });
    expect(visitor.cookies.has('careweave_account')).toBe(true);
    expect((await visitor.open(callback)).status).toBe(400);
    expect((await goThrough(new Visitor(server.url), (url) => url.searchParams.set('state', 'x'))).status).toBe(400);
    const fresh = new Visitor(server.url);
    const out = await fresh.open(`${server.url}/auth/upstream/lakeside`);
    const answer = await fetch(String(out.left), { redirect: 'manual' });
    expect((await new Visitor(server.url).open(String(answer.headers.get('location')))).status).toBe(400);
  });

  test('one that is not configured or switched off is not asked', async () => {
    const visitor = new Visitor(server.url);
    expect((await visitor.open(`${server.url}/auth/upstream/nowhere`)).status).toBe(400);
    const providers = createProviders({ ...server, sealing: createSealing(server.sql) });
    await providers.setActive('lakeside', false);
    expect((await visitor.open(`${server.url}/auth/upstream/lakeside`)).status).toBe(400);
    expect((await visitor.open(`${server.url}/auth/sign-in`)).text).not.toContain('Lakeside');
  });
});

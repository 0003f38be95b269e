import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { EhrLaunchSites } from '../../src/auth/types.ts';
import { type AuthServer, startAuthServer, testKey } from './support/auth-server.ts';
import { authorize, exchange, registerClinician } from './support/clinician.ts';
import { type EhrBehavior, type FakeEhr, startFakeEhr } from './support/fake-ehr.ts';

let server: AuthServer;
let ehr: FakeEhr;
/** Claims to be the other hospital of `sites`. */
const liar: EhrBehavior = { configuration: { issuer: 'http://127.0.0.1:1/fhir' } };

const sites: EhrLaunchSites = {
  byIssuer: async (iss) => {
    const siteId = { [ehr.iss]: 'north', 'http://127.0.0.1:1/fhir': 'south' }[iss];
    return siteId === undefined
      ? undefined
      : { siteId, clientId: 'careweave', scopes: 'launch openid fhirUser patient/*.rs' };
  },
  patientFor: async (siteId, id) => (siteId === 'north' && id === 'ehr-child' ? 'our-child' : undefined),
  userFor: async (siteId, reference) =>
    siteId === 'north' && reference === 'Practitioner/ehr-doctor' ? 'Practitioner/our-doctor' : undefined,
};

beforeAll(async () => {
  ehr = await startFakeEhr(() => `${server.url}/.well-known/jwks.json`);
  server = await startAuthServer(sites);
  await registerClinician(server);
});
beforeEach(() => {
  ehr.behavior = {};
});
afterAll(async () => {
  await server.close();
  await ehr.close();
});

/** A browser that keeps cookies and follows nothing by itself. */
function browser() {
  const jar = new Map<string, string>();
  const setCookies: string[] = [];
  return {
    jar,
    setCookies,
    async open(url: string): Promise<Response> {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(url, { redirect: 'manual', headers: cookie ? { cookie } : {} });
      for (const line of response.headers.getSetCookie()) {
        setCookies.push(line);
        const pair = line.split(';', 1)[0] ?? '';
        const at = pair.indexOf('=');
        jar.set(pair.slice(0, at), pair.slice(at + 1));
      }
      return response;
    },
  };
}

const launchUrl = (iss = ehr.iss, launch = 'ehr-launch') =>
  `${server.url}/launch?${new URLSearchParams({ iss, launch })}`;

/** From the hospital's click to our callback, not yet opened. */
async function untilCallback(user: ReturnType<typeof browser>): Promise<string> {
  const started = await user.open(launchUrl());
  const atEhr = await fetch(started.headers.get('location') ?? '', { redirect: 'manual' });
  return atEhr.headers.get('location') ?? '';
}

async function wholeLaunch(
  behavior: EhrBehavior = {},
): Promise<{ answer: Response; user: ReturnType<typeof browser> }> {
  ehr.behavior = behavior;
  const user = browser();
  return { answer: await user.open(await untilCallback(user)), user };
}

async function expectPage(answer: Response, status: number): Promise<string> {
  expect(answer.status).toBe(status);
  expect(answer.headers.get('location')).toBeNull();
  expect(answer.headers.getSetCookie().filter((line) => line.startsWith('careweave_session'))).toEqual([]);
  const text = await answer.text();
  expect(text).toContain('<h1>');
  expect(text).not.toMatch(/ehr-child|ehr-doctor|our-child/);
  return text;
}

describe('launch, refused', () => {
  test.each([
    ['another issuer', () => launchUrl('https://attacker.example/fhir')],
    ['the issuer with a slash', () => launchUrl(`${ehr.iss}/`)],
    ['two issuers', () => `${launchUrl()}&iss=https://attacker.example`],
    ['no issuer', () => `${server.url}/launch?launch=x`],
    ['no launch', () => `${server.url}/launch?iss=${encodeURIComponent(ehr.iss)}`],
    ['nothing', () => `${server.url}/launch`],
  ])('%s', async (_name, url) => {
    const text = await expectPage(await browser().open(url()), 400);
    expect(text).not.toContain('attacker');
  });

  test('a record system that does not answer, or answers nonsense', async () => {
    await expectPage(await browser().open(launchUrl('http://127.0.0.1:1/fhir')), 502);
    ehr.behavior = { configuration: { authorization_endpoint: 'javascript:alert(1)' } };
    await expectPage(await browser().open(launchUrl()), 502);
  });
});

describe('callback, refused', () => {
  test('without state, with a foreign state, in another browser', async () => {
    await expectPage(await browser().open(`${server.url}/launch/callback?code=x`), 400);
    await expectPage(await browser().open(`${server.url}/launch/callback?code=x&state=y`), 400);
    const mine = browser();
    const callback = await untilCallback(mine);
    const before = ehr.redeemed;
    await expectPage(await browser().open(callback), 400);
    expect(ehr.redeemed).toBe(before);
    // The other browser has not spoilt it.
    expect((await mine.open(callback)).status).toBe(302);
  });

  test('a cookie from another launch', async () => {
    const mine = browser();
    const callback = await untilCallback(mine);
    const other = browser();
    await untilCallback(other);
    const [name] = mine.jar.keys();
    const [value] = other.jar.values();
    other.jar.set(String(name), String(value));
    await expectPage(await other.open(callback), 400);
  });

  test.each<[string, string, EhrBehavior]>([
    ['of a stranger', 'https://other.example/fhir', {}],
    ['of another hospital, which the one we asked claims to be', 'http://127.0.0.1:1/fhir', liar],
  ])('the answer %s: its code never reaches the one we asked', async (_name, sender, behavior) => {
    const user = browser();
    const callback = await untilCallback(user);
    const before = ehr.redeemed;
    ehr.behavior = behavior;
    await expectPage(await user.open(`${callback}&iss=${encodeURIComponent(sender)}`), 400);
    expect(ehr.redeemed).toBe(before);
  });

  test.each<[string, string, EhrBehavior]>([
    ['as the hospital', '', {}],
    ['by a name that its configuration leaves out', 'https://login.example', { configuration: { issuer: undefined } }],
  ])('an answer signed %s is taken', async (_name, sender, behavior) => {
    const user = browser();
    const callback = await untilCallback(user);
    ehr.behavior = behavior;
    expect((await user.open(`${callback}&iss=${encodeURIComponent(sender || ehr.iss)}`)).status).toBe(302);
  });

  test('a second time', async () => {
    const user = browser();
    const callback = await untilCallback(user);
    expect((await user.open(callback)).status).toBe(302);
    await expectPage(await user.open(callback), 400);
  });

  test('too late', async () => {
    const user = browser();
    const callback = await untilCallback(user);
    server.clock.advance(301);
    await expectPage(await user.open(callback), 400);
    server.clock.advance(-301);
  });

  test('the record system says no', async () => {
    const user = browser();
    const state = new URL(await untilCallback(user)).searchParams.get('state') ?? '';
    const refusal = new URLSearchParams({ error: 'access_denied', error_description: '<b>no</b>', state });
    const text = await expectPage(await user.open(`${server.url}/launch/callback?${refusal}`), 400);
    expect(text).not.toContain('<b>');
  });

  test.each<[string, EhrBehavior, number]>([
    ['the token endpoint refuses', { tokenStatus: 400 }, 502],
    ['id_token for another app', { idClaims: { aud: 'someone' } }, 502],
    ['id_token of another issuer', { idClaims: { iss: 'https://attacker.example' } }, 502],
    ['id_token expired', { idClaims: { exp: 1 } }, 502],
    ['id_token with another nonce', { idClaims: { nonce: 'other' } }, 502],
    ['id_token that is junk', { tokenBody: { id_token: 'junk' } }, 502],
    ['a user of another server', { idClaims: { fhirUser: 'https://attacker.example/Practitioner/ehr-doctor' } }, 403],
    ['a user who is no clinician', { idClaims: { fhirUser: 'Patient/ehr-child' } }, 403],
    ['an unknown user', { idClaims: { fhirUser: 'Practitioner/new-doctor' } }, 403],
    ['no user', { withoutIdToken: true, tokenBody: { fhirUser: undefined } }, 403],
    ['an unknown child', { tokenBody: { patient: 'other-child' } }, 404],
    ['no child', { tokenBody: { patient: undefined } }, 404],
  ])('%s', async (_name, behavior, status) => {
    await expectPage((await wholeLaunch(behavior)).answer, status);
  });

  test('id_token signed by another key under the same kid', async () => {
    await expectPage((await wholeLaunch({ idKey: await testKey('RS256', 'ehr-key') })).answer, 502);
  });
});

describe('launched', () => {
  test.each<[string, EhrBehavior]>([
    ['with an id_token', {}],
    ['with an id_token without nonce', { idClaims: { nonce: undefined } }],
    ['without an id_token', { withoutIdToken: true }],
  ])('%s, down to an access token for our child and our practitioner', async (_name, behavior) => {
    const { answer, user } = await wholeLaunch(behavior);
    expect(answer.status).toBe(302);
    const target = new URL(answer.headers.get('location') ?? '');
    expect(`${target.origin}${target.pathname}`).toBe(`${server.url}/clinician/launch`);
    expect(target.searchParams.get('iss')).toBe(server.fhirBaseUrl);
    const line = user.setCookies.find((cookie) => cookie.startsWith('careweave_session=')) ?? '';
    expect(line).toContain('HttpOnly');
    expect(line).toContain('SameSite=Lax');
    expect(line).toContain('Path=/auth');
    const visit = {
      cookie: user.jar.get('careweave_session') ?? '',
      launchId: target.searchParams.get('launch') ?? '',
      verifier: 'v'.repeat(43),
    };
    const code = (await authorize(server, visit)).location?.searchParams.get('code') ?? '';
    const tokens = await exchange(server, visit, code);
    expect(tokens.body).toMatchObject({ patient: 'our-child', need_patient_banner: false });
    const principal = await server.auth.verifyBearer(`Bearer ${String(tokens.body.access_token)}`);
    expect(principal).toMatchObject({
      ok: true,
      value: { fhirUser: 'Practitioner/our-doctor', patientId: 'our-child' },
    });
  });

  test('two launches side by side in one browser', async () => {
    const user = browser();
    const first = await untilCallback(user);
    const second = await untilCallback(user);
    expect((await user.open(first)).status).toBe(302);
    expect((await user.open(second)).status).toBe(302);
  });
});

import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { EhrLaunchSites } from '../../src/auth/types.ts';
import { listenSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { type AuthServer, startAuthServer } from './support/auth-server.ts';
import { authorize, exchange, registerClinician } from './support/clinician.ts';

/** The whole way between two programs that were written apart: the sandbox hospital launches Careweave. */
let server: AuthServer;
let sandbox: Sandbox & { url: string };
let askedFor: { patient?: string; user?: string } = {};

const sites: EhrLaunchSites = {
  byIssuer: async (iss) =>
    iss === sandbox.hospitals[0]?.base
      ? { siteId: 'lakeside', clientId: 'careweave', scopes: 'launch openid fhirUser patient/*.rs' }
      : undefined,
  patientFor: async (_siteId, id) => {
    askedFor = { ...askedFor, patient: id };
    return 'our-child';
  },
  userFor: async (_siteId, reference) => {
    askedFor = { ...askedFor, user: reference };
    return 'Practitioner/our-doctor';
  },
};

beforeAll(async () => {
  server = await startAuthServer(sites);
  await registerClinician(server);
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      {
        fullUrl: 'urn:uuid:00000001',
        resource: {
          resourceType: 'Patient',
          id: 'ada',
          name: [{ family: 'Testwell', given: ['Ada'] }],
          birthDate: '2020-03-01',
        },
        request: { method: 'POST', url: 'Patient' },
      },
    ],
  };
  sandbox = await listenSandbox({
    port: 0,
    hospitals: [{ id: 'lakeside', bundles: [bundle] }],
    clients: [
      {
        id: 'careweave',
        name: 'Careweave',
        jwks: { url: `${server.url}/.well-known/jwks.json` },
        scopes: 'launch openid fhirUser patient/*.rs',
        redirectUris: [`${server.url}/launch/callback`],
        launchUrl: `${server.url}/launch`,
      },
    ],
  });
});
afterAll(async () => {
  await sandbox.close();
  await server.close();
});

test('from the button in the chart to an access token for the child', async () => {
  const root = sandbox.hospitals[0]?.root ?? '';
  const list = await (await fetch(`${root}/`)).text();
  const patient = /patients\/([A-Za-z0-9.-]+)/.exec(list)?.[1] ?? '';
  const go = async (url: string, init: RequestInit = {}) => {
    const response = await fetch(url, { ...init, redirect: 'manual' });
    return { response, location: response.headers.get('location') ?? '' };
  };
  const form = new URLSearchParams({ client: 'careweave' });
  const button = await go(`${root}/patients/${patient}/launch`, { method: 'POST', body: form });
  expect(button.location.startsWith(`${server.url}/launch?`)).toBe(true);
  const launched = await go(button.location);
  const cookie = launched.response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
  const atHospital = await go(launched.location);
  expect(atHospital.location.startsWith(`${server.url}/launch/callback?code=`)).toBe(true);
  const back = await go(atHospital.location, { headers: { cookie } });
  expect(back.response.status).toBe(302);
  expect(askedFor.patient).toBe(patient);
  expect(askedFor.user).toMatch(/^Practitioner\//);
  const session = back.response.headers.getSetCookie()[0]?.split(';', 1)[0]?.split('=')[1] ?? '';
  const launchId = new URL(back.location).searchParams.get('launch') ?? '';
  const visit = { cookie: session, launchId, verifier: 'v'.repeat(43) };
  const code = (await authorize(server, visit)).location?.searchParams.get('code') ?? '';
  expect((await exchange(server, visit, code)).body).toMatchObject({ patient: 'our-child', token_type: 'Bearer' });
});

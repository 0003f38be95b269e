import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { parseJson } from '../../src/fhir/json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { listenSandbox } from '../../src/sandbox/sandbox.ts';
import { appUrl, bundleText, childId, entries, startTown, type Town } from './town.ts';

let town: Town;
let ada: string;
let bo: string;
let service: Server;
let serviceUrl: string;
/** What the CDS service was sent, and what it answers. */
const heard: { authorization: string; body: Record<string, unknown> }[] = [];
let answers: { status: number; body: string };

beforeAll(async () => {
  service = createServer((request, response) => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      heard.push({ authorization: String(request.headers.authorization), body: JSON.parse(text) });
      response.writeHead(answers.status, { 'content-type': 'application/json' }).end(answers.body);
    });
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  serviceUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}/cds-services/plan`;
  town = await startTown(parseJson(bundleText) as Resource, { cdsServices: [serviceUrl] });
  ada = await childId(town, town.vendor, 'A1');
  bo = await childId(town, town.vendor, 'B2');
});
afterAll(async () => {
  await town.sandbox.close();
  await new Promise((resolve) => service.close(resolve));
});

const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');

async function launch(patient = ada, client = 'app'): Promise<URL> {
  const answer = await fetch(`${town.vendor.root}/patients/${patient}/launch`, {
    method: 'POST',
    body: new URLSearchParams({ client }),
    redirect: 'manual',
  });
  expect(answer.status).toBe(303);
  return new URL(String(answer.headers.get('location')));
}

const request = (launchId: string): Record<string, string> => ({
  response_type: 'code',
  client_id: 'app',
  redirect_uri: `${appUrl}/callback`,
  scope: 'launch openid fhirUser patient/*.rs',
  state: 'state ü+%',
  aud: town.vendor.base,
  launch: launchId,
  code_challenge: challenge,
  code_challenge_method: 'S256',
});

async function authorize(parameters: Record<string, string> | [string, string][]) {
  const query = new URLSearchParams(parameters);
  const answer = await fetch(`${town.vendor.root}/oauth/authorize?${query}`, { redirect: 'manual' });
  const location = answer.headers.get('location');
  return { status: answer.status, location: location === null ? undefined : new URL(location) };
}

async function newLaunchId(): Promise<string> {
  return String((await launch()).searchParams.get('launch'));
}

async function newCode(): Promise<string> {
  const { location } = await authorize(request(await newLaunchId()));
  return String(location?.searchParams.get('code'));
}

async function exchange(code: string, changes: Record<string, string> = {}) {
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: `${appUrl}/callback`,
    client_id: 'app',
    code_verifier: verifier,
    ...changes,
  };
  const answer = await fetch(`${town.vendor.root}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) });
  return { status: answer.status, body: (await answer.json()) as Record<string, string> };
}

describe('authorize shows a page and never redirects', () => {
  test.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['another address', { redirect_uri: 'https://elsewhere.example/' }],
    ['a longer address', { redirect_uri: `${appUrl}/callback/more` }],
    ['an address with a query', { redirect_uri: `${appUrl}/callback?x=1` }],
    ['a shorter address', { redirect_uri: appUrl }],
  ])('for %s', async (_name, change) => {
    const answer = await authorize({ ...request(await newLaunchId()), ...change });
    expect([answer.status, answer.location]).toEqual([400, undefined]);
  });

  test('for two redirect addresses', async () => {
    const twice: [string, string][] = [...Object.entries(request('x')), ['redirect_uri', 'https://elsewhere.example/']];
    expect(await authorize(twice)).toEqual({ status: 400, location: undefined });
  });
});

describe('authorize refuses by redirect', () => {
  test.each([
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['another server as audience', { aud: 'https://elsewhere.example/fhir' }, 'invalid_request'],
    ['no state', { state: '' }, 'invalid_request'],
    ['no code challenge', { code_challenge: '' }, 'invalid_request'],
    ['a plain code challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['an unknown launch', { launch: 'unknown' }, 'invalid_request'],
    ['no launch scope', { scope: 'openid patient/*.rs' }, 'invalid_request'],
  ])('%s', async (_name, change, error) => {
    const { location } = await authorize({ ...request(await newLaunchId()), ...change });
    expect(location?.searchParams.get('error')).toBe(error);
    expect(location?.searchParams.get('code')).toBeNull();
  });

  test('a launch used before, and a doubled parameter', async () => {
    const id = await newLaunchId();
    expect((await authorize(request(id))).location?.searchParams.get('code')).toBeTruthy();
    expect((await authorize(request(id))).location?.searchParams.get('error')).toBe('invalid_request');
    const twice: [string, string][] = [...Object.entries(request(await newLaunchId())), ['scope', 'launch']];
    expect((await authorize(twice)).location?.searchParams.get('error')).toBe('invalid_request');
  });
});

describe('the code is refused', () => {
  test.each([
    ['with another verifier', { code_verifier: 'x'.repeat(43) }],
    ['with the challenge as verifier', { code_verifier: challenge }],
    ['without a verifier', { code_verifier: '' }],
    ['for another address', { redirect_uri: `${appUrl}/` }],
  ])('%s', async (_name, change) => {
    expect(await exchange(await newCode(), change)).toEqual({ status: 400, body: { error: 'invalid_grant' } });
  });

  test('the second time, and from a client that must prove itself but does not', async () => {
    const code = await newCode();
    expect((await exchange(code)).status).toBe(200);
    expect((await exchange(code)).body).toEqual({ error: 'invalid_grant' });
    expect(await exchange(await newCode(), { client_id: 'backend' })).toEqual({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });
});

describe('an app launched from a chart', () => {
  test('gets patient, user and a token that sees this patient only', async () => {
    const opened = await launch();
    expect(opened.href.startsWith(`${appUrl}/launch?`)).toBe(true);
    expect(opened.searchParams.get('iss')).toBe(town.vendor.base);
    const { location } = await authorize(request(String(opened.searchParams.get('launch'))));
    expect(location?.searchParams.get('state')).toBe('state ü+%');
    const { body } = await exchange(String(location?.searchParams.get('code')));
    expect(body).toMatchObject({
      patient: ada,
      need_patient_banner: true,
      scope: 'launch openid fhirUser patient/*.rs',
    });
    const jwks = createRemoteJWKSet(new URL(`${town.vendor.root}/jwks.json`));
    const options = { issuer: town.vendor.base, audience: 'app', algorithms: ['RS256'] };
    const { payload } = await jwtVerify(String(body.id_token), jwks, options);
    expect(payload.fhirUser).toBe(body.fhirUser);
    const headers = { authorization: `Bearer ${body.access_token}` };
    const ask = async (path: string, init = {}) =>
      (await fetch(`${town.vendor.base}/${path}`, { headers, ...init })).status;
    expect(await ask(`Patient/${ada}`)).toBe(200);
    expect((await fetch(String(body.fhirUser), { headers })).status).toBe(200);
    expect(await ask(`Patient/${bo}`)).toBe(404);
    expect(await ask('Group/roster')).toBe(404);
    expect(await ask('ServiceRequest', { method: 'POST', body: '{}' })).toBe(403);
    const others = (await (await fetch(`${town.vendor.base}/Condition?patient=${bo}`, { headers })).json()) as Resource;
    expect(entries(others)).toEqual([]);
    const all = (await (await fetch(`${town.vendor.base}/Condition`, { headers })).json()) as Resource;
    expect(entries(all).map((one) => one.subject)).toEqual([{ reference: `Patient/${ada}` }]);
  });
});

describe('the chart', () => {
  const page = async (path: string) => {
    const answer = await fetch(`${town.vendor.root}${path}`);
    return {
      status: answer.status,
      text: await answer.text(),
      policy: String(answer.headers.get('content-security-policy')),
    };
  };

  test('says what is wrong when the service refuses, talks nonsense, or is not there', async () => {
    answers = { status: 401, body: '{}' };
    expect((await page(`/patients/${ada}`)).text).toContain('The service refused the request (status 401)');
    answers = { status: 200, body: 'nonsense' };
    expect((await page(`/patients/${ada}`)).text).toContain('not a list of cards');
    answers = { status: 200, body: '{"cards":[]}' };
    expect((await page(`/patients/${ada}`)).text).toContain('Nothing is known about this patient');
    const alone = await startTown(parseJson(bundleText) as Resource, {
      cdsServices: ['http://127.0.0.1:9/cds-services/x'],
    });
    const text = await (await fetch(`${alone.vendor.root}/patients/${ada}`)).text();
    await alone.sandbox.close();
    expect(text).toContain('The service cannot be reached');
    expect(text).toContain('Launch Plan viewer');
  });

  test('shows cards as text, with the app behind a SMART link as a button, and no script', async () => {
    const links = [{ label: 'Open the plan', url: `${appUrl}/launch`, type: 'smart' }];
    const card = {
      summary: '<b>2 goals</b>',
      detail: '- **Asthma**: <script>x</script>',
      indicator: 'info',
      source: { label: 'Plans' },
      links,
    };
    answers = { status: 200, body: JSON.stringify({ cards: [card] }) };
    const shown = await page(`/patients/${ada}`);
    expect(shown.text).toContain('&lt;b&gt;2 goals&lt;/b&gt;');
    expect(shown.text).toContain('<li><strong>Asthma</strong>: &lt;script&gt;');
    expect(shown.text).toMatch(/name="client" value="app"><button>Open the plan/);
    expect(shown.text).toContain('Asthma plan of Ada');
    expect(shown.text).not.toContain('<script');
    expect(shown.policy).toContain("default-src 'none'");
  });

  test('asks the service as CDS Hooks has it, with a proof only this hospital can sign', async () => {
    answers = { status: 200, body: '{"cards":[]}' };
    await page(`/patients/${bo}`);
    const last = heard.at(-1);
    expect(last?.body).toMatchObject({
      hook: 'patient-view',
      fhirServer: town.vendor.base,
      context: { patientId: bo },
    });
    const jwks = createRemoteJWKSet(new URL(`${town.vendor.root}/jwks.json`));
    const token = String(last?.authorization.slice('Bearer '.length));
    const options = { issuer: town.vendor.base, audience: serviceUrl, algorithms: ['ES384'] };
    const { payload, protectedHeader } = await jwtVerify(token, jwks, options);
    expect(protectedHeader.jku).toBe(`${town.vendor.root}/jwks.json`);
    expect(typeof payload.jti).toBe('string');
  });

  test('lists patients, and has a page for what is not there', async () => {
    const list = await page('/');
    expect(list.text).toContain('<caption class="quiet">2 patients</caption>');
    expect(list.text).toContain('Ada Testwell');
    for (const path of ['/patients/none', '/documents/none', '/elsewhere']) expect((await page(path)).status).toBe(404);
    const unknown = { method: 'POST', body: new URLSearchParams({ client: 'nobody' }) };
    expect((await fetch(`${town.vendor.root}/patients/${ada}/launch`, unknown)).status).toBe(404);
  });

  test('has a clinician to sign in as even where the records name none, and adds nobody before that', async () => {
    const sandbox = await listenSandbox({ port: 0, hospitals: [{ id: 'empty' }] });
    const hospital = sandbox.hospitals[0];
    expect(hospital?.chart.counts()).toEqual({ Group: 1 });
    expect(await (await fetch(`${hospital?.root}/`)).text()).toContain('Dr. Demo Sandbox');
    await sandbox.close();
  });

  test('keeps the chosen clinician, and goes back only within itself', async () => {
    const clinician = String((await town.vendor.clinicians())[0]);
    const form = { method: 'POST', redirect: 'manual' as const };
    const choose = (back: string, who = clinician) =>
      fetch(`${town.vendor.root}/sign-in`, { ...form, body: new URLSearchParams({ clinician: who, back }) });
    const chosen = await choose(`/patients/${ada}`);
    expect(chosen.headers.get('set-cookie')).toContain(`clinician-lakeside=${clinician}`);
    expect(chosen.headers.get('location')).toBe(`/ehr/lakeside/patients/${ada}`);
    expect((await choose('https://elsewhere.example')).headers.get('location')).toBe('/ehr/lakeside/');
    expect((await choose('/', 'stranger')).headers.get('set-cookie')).toBeNull();
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AuthServer, assertion, assertionType, postForm, testKey } from '../support/auth-server.ts';
import {
  type App,
  authorizeUrl,
  codeAt,
  enrol,
  redeem,
  registerApp,
  signIn,
  startPeopleServer,
  Visitor,
} from '../support/person.ts';

let server: AuthServer;
let father: Visitor;
let mother: Visitor;
let doctor: Awaited<ReturnType<typeof enrol>>;
let app: App;

beforeAll(async () => {
  server = await startPeopleServer();
  father = (await enrol(server, 'father', ['RelatedPerson/ada-father'])).visitor;
  mother = (await enrol(server, 'mother', ['RelatedPerson/ada-mother', 'RelatedPerson/ben-mother'])).visitor;
  doctor = await enrol(server, 'doctor', ['Practitioner/doctor']);
  app = await registerApp(server);
});
afterAll(async () => {
  await server.close();
});

type Made = { launch?: string; iss?: string; expires_in?: number; error_description?: string };

async function ask(by: Visitor | string | undefined, body: unknown, headers: Record<string, string> = {}) {
  const who: Record<string, string> =
    typeof by === 'string'
      ? { authorization: `Bearer ${by}` }
      : { cookie: [...(by?.cookies ?? [])].map(([name, value]) => `${name}=${value}`).join('; ') };
  const response = await fetch(`${server.url}/auth/launch-context`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...who, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Made };
}

async function launchOf(by: Visitor | string, more: Record<string, unknown> = {}): Promise<string> {
  const { body } = await ask(by, { client_id: app.id, patient: 'ada', ...more });
  if (body.launch === undefined) throw new Error(body.error_description);
  return body.launch;
}

const scope = 'launch openid fhirUser online_access patient/Patient.rs patient/Observation.rs';
const error = ({ left }: { left?: URL }) => left?.searchParams.get('error');

async function ehrToken(scopes: string): Promise<string> {
  const key = await testKey('ES384');
  const client = await server.auth.addClient({
    name: 'EHR',
    type: 'asymmetric',
    scopes,
    jwks: { keys: [key.publicJwk] },
  });
  if (!client.ok) throw new Error('not added');
  const answer = await postForm(server.tokenUrl, {
    grant_type: 'client_credentials',
    scope: 'system/Patient.rs',
    client_assertion_type: assertionType,
    client_assertion: await assertion(server, client.value.id, key),
  });
  return String(answer.body.access_token);
}

describe('refused', () => {
  test.each([
    ['no patient', { patient: undefined }],
    ['a patient reference', { patient: 'Patient/ada' }],
    ['an unknown app', { client_id: 'nobody' }],
    ['another child', { patient: 'ben' }],
    ['an encounter of nobody', { encounter: 'visit-9' }],
    ['a banner as text', { need_patient_banner: 'true' }],
    ['a style that is not https', { smart_style_url: 'javascript:alert(1)' }],
    ['an unheard-of member', { unheard: 1 }],
    ['a context that is no list', { fhirContext: {} }],
    ['SC-073 the patient as context item without a role', { fhirContext: [{ reference: 'Patient/ada' }] }],
    ['an absolute reference', { fhirContext: [{ reference: 'https://x.example/ImagingStudy/1' }] }],
    ['an intent that is no text', { intent: { a: 1 } }],
  ])('SC-050 %s', async (_name, change) => {
    expect((await ask(father, { client_id: app.id, patient: 'ada', ...change })).status).toBe(400);
  });

  test('SC-050 nobody, a wrong token, broken JSON', async () => {
    const right = { client_id: app.id, patient: 'ada' };
    expect((await ask(undefined, right)).status).toBe(401);
    expect((await ask('nonsense', right)).status).toBe(401);
    expect((await ask(father, '{')).status).toBe(400);
  });

  test('TH-12 from another site’s page the cookie counts for nothing', async () => {
    const right = { client_id: app.id, patient: 'ada' };
    expect((await ask(father, right, { origin: 'https://attacker.example' })).status).toBe(401);
    expect((await ask(father, JSON.stringify(right), { 'content-type': 'text/plain' })).status).toBe(401);
  });

  test('SC-050 a child that is not there and one that may not be seen: the same answer', async () => {
    const [hidden, absent] = [
      await ask(father, { client_id: app.id, patient: 'ben' }),
      await ask(father, { client_id: app.id, patient: 'nobody' }),
    ];
    expect(hidden.body).toEqual(absent.body);
  });

  test('TH-13 a person cannot launch in the name of another, nor a machine without the scope launch', async () => {
    expect((await ask(father, { client_id: app.id, patient: 'ada', user: 'RelatedPerson/ada-mother' })).status).toBe(
      403,
    );
    const plain = await ehrToken('system/Patient.rs');
    expect((await ask(plain, { client_id: app.id, patient: 'ada', user: 'Practitioner/doctor' })).status).toBe(401);
    const ehr = await ehrToken('launch system/Patient.rs');
    expect((await ask(ehr, { client_id: app.id, patient: 'ada' })).status).toBe(400);
  });
});

describe('a launch', () => {
  test('SC-050 SC-074 from the page of a person: everything it was made with comes with the token', async () => {
    const context = {
      encounter: 'visit-1',
      fhirContext: [{ reference: 'ImagingStudy/1', role: 'https://example.org/role' }],
      intent: '<script>alert(1)</script>',
      need_patient_banner: false,
      tenant: 'north',
      appContext: '"><img src=x onerror=alert(1)>',
    };
    const launch = await launchOf(father, context);
    expect(Buffer.from(launch, 'base64url').length).toBeGreaterThanOrEqual(16);
    const page = await father.open(authorizeUrl(server, app, { launch, scope }));
    expect(page.title).toContain('Allow');
    // TH-13: what the app is told is not told to the browser by us.
    expect(page.text).not.toContain('alert(1)');
    const token = await redeem(server, app, await father.submit('allow'));
    expect(token).toMatchObject({ patient: 'ada', ...context });
    expect(String(token.scope)).toContain('online_access');
    expect(token.refresh_token).toBeTruthy();
  });

  test('SC-050 made by a record system for a clinician, who signs in first', async () => {
    const ehr = await ehrToken('launch system/Patient.rs');
    const launch = await launchOf(ehr, { user: 'Practitioner/doctor', patient: 'cleo' });
    const visitor = new Visitor(server.url);
    expect((await visitor.open(authorizeUrl(server, app, { launch, scope }))).title).toBe('Sign in');
    server.clock.advance(60);
    await signIn(visitor, 'doctor');
    expect((await visitor.submit('second-factor', { code: codeAt(server, doctor.totp) })).title).toContain('Allow');
    const token = await redeem(server, app, await visitor.submit('allow'));
    expect(token).toMatchObject({ patient: 'cleo', need_patient_banner: true });
  });

  test('SC-051 TH-13 another person’s launch is refused, and still good for its own', async () => {
    const launch = await launchOf(father);
    const mine = await registerApp(server);
    expect(error(await mother.open(authorizeUrl(server, app, { launch, scope })))).toBe('access_denied');
    expect(error(await father.open(authorizeUrl(server, mine, { launch, scope })))).toBe('invalid_request');
    const seen = await father.open(authorizeUrl(server, app, { launch, scope, prompt: 'consent' }));
    expect(seen.title).toContain('Allow');
  });

  test('SC-050 TH-13 two requests with one launch: one code', async () => {
    const launch = await launchOf(father);
    const [one, other] = [new Visitor(server.url), new Visitor(server.url)];
    for (const visitor of [one, other]) {
      for (const [name, value] of father.cookies) visitor.cookies.set(name, value);
      await visitor.open(authorizeUrl(server, app, { launch, scope, prompt: 'consent' }));
    }
    const seen = await Promise.all([one.submit('allow'), other.submit('allow')]);
    expect(seen.filter(({ left }) => left?.searchParams.has('code'))).toHaveLength(1);
    expect(seen.map(error)).toContain('invalid_request');
    expect(error(await father.open(authorizeUrl(server, app, { launch, scope })))).toBe('invalid_request');
  });

  test('SC-051 after five minutes it is gone', async () => {
    const launch = await launchOf(mother);
    server.clock.advance(301);
    expect(error(await mother.open(authorizeUrl(server, app, { launch, scope })))).toBe('invalid_request');
  });

  test('SC-051 SC-052 scope launch and parameter launch go together', async () => {
    expect(error(await father.open(authorizeUrl(server, app, { scope })))).toBe('invalid_request');
    const launch = await launchOf(father);
    expect(error(await father.open(authorizeUrl(server, app, { launch, scope: 'patient/Patient.rs' })))).toBe(
      'invalid_request',
    );
  });
});

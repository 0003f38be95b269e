import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AuthServer, assertion, assertionType, postForm, testKey } from '../support/auth-server.ts';
import {
  type App,
  authorizeUrl,
  enrol,
  redeem,
  registerApp,
  startPeopleServer,
  type Visitor,
} from '../support/person.ts';

const scope = 'launch openid fhirUser patient/Patient.rs';
let server: AuthServer;
let father: Visitor;
let growth: App;
let chart: App;
let chartToken: string;

beforeAll(async () => {
  server = await startPeopleServer();
  father = (await enrol(server, 'father', ['RelatedPerson/ada-father'])).visitor;
  growth = await registerApp(server, { name: 'Growth', launchUrls: ['https://growth.example/launch'] });
  // An app of others in the father's name, which shows cards and follows their links.
  chart = await registerApp(server, { name: 'Chart' });
  const { launch } = (await ask('/auth/launch-context', { client_id: chart.id, patient: 'ada' }, father)).body;
  await father.open(authorizeUrl(server, chart, { launch: String(launch), scope }));
  chartToken = String((await redeem(server, chart, await father.submit('allow'))).access_token);
});
afterAll(() => server.close());

async function ask(path: string, body: unknown, by: Visitor | string | undefined) {
  const cookies = typeof by === 'object' ? [...by.cookies].map(([name, value]) => `${name}=${value}`).join('; ') : '';
  const who: Record<string, string> = typeof by === 'string' ? { authorization: `Bearer ${by}` } : { cookie: cookies };
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...who },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function machineToken(scopes: string): Promise<string> {
  const key = await testKey('ES384');
  const jwks = { keys: [key.publicJwk] };
  const client = await server.auth.addClient({ name: 'EHR', type: 'asymmetric', scopes, jwks });
  if (!client.ok) throw new Error('not added');
  const answer = await postForm(server.tokenUrl, {
    grant_type: 'client_credentials',
    scope: 'system/Patient.rs',
    client_assertion_type: assertionType,
    client_assertion: await assertion(server, client.value.id, key),
  });
  return String(answer.body.access_token);
}

describe('a Task that asks for an app', () => {
  const byTask = (task: unknown, by: Visitor | string = father, more: object = {}) =>
    ask('/auth/launch-context', { task, ...more }, by);

  test.each([
    ['is over', 'over'],
    ['names an app nobody registered', 'other'],
    ['names no app', 'bare'],
    ['asks for something else', 'plain'],
  ])('SC-190 refused when it %s', async (_name, task) => {
    expect((await byTask(task)).status).toBe(400);
  });

  test('SC-190 refused with an id that is none, with members that the Task itself answers, without a person', async () => {
    expect((await byTask('Task/grow')).status).toBe(400);
    expect((await byTask('grow', father, { client_id: growth.id })).status).toBe(400);
    expect((await byTask('grow', father, { user: 'RelatedPerson/ada-mother' })).status).toBe(400);
    const machine = await machineToken('launch system/Patient.rs');
    expect((await byTask('grow', machine)).status).toBe(400);
    expect((await ask('/auth/launch-context', { task: 'grow' }, undefined)).status).toBe(401);
  });

  test('SC-190 another child’s Task and one that is not there: the same answer', async () => {
    const [hidden, absent] = [await byTask('bens'), await byTask('nothing')];
    expect(hidden.status).toBe(400);
    expect(hidden).toEqual(absent);
  });

  test('SC-190 opens its app for its child and visit, and appContext comes with the token', async () => {
    const made = await byTask('grow');
    expect(made.status).toBe(201);
    expect(made.body.launch_urls).toEqual(['https://growth.example/launch']);
    await father.open(authorizeUrl(server, growth, { launch: String(made.body.launch), scope }));
    const token = await redeem(server, growth, await father.submit('allow'));
    expect(token).toMatchObject({ patient: 'ada', encounter: 'visit-1', appContext: '{"chart":"weight"}' });
  });

  test('SC-190 a record system names the person who will use it', async () => {
    const machine = await machineToken('launch system/Patient.rs');
    const made = await byTask('grow', machine, { user: 'RelatedPerson/ada-father' });
    expect(made.status).toBe(201);
    expect((await byTask('grow', machine, { user: 'Patient/cleo' })).status).toBe(400);
  });

  test('SC-190 TH-13 an app opened for one child learns nothing of another one’s Task', async () => {
    const doctor = (await enrol(server, 'doctor', ['Practitioner/doctor'])).visitor;
    const { launch } = (await ask('/auth/launch-context', { client_id: chart.id, patient: 'ben' }, doctor)).body;
    await doctor.open(authorizeUrl(server, chart, { launch: String(launch), scope }));
    const token = String((await redeem(server, chart, await doctor.submit('allow'))).access_token);
    const absent = await byTask('nothing', token);
    expect(absent.status).toBe(400);
    // Of the child that it was opened for it is told what is wrong with the Task.
    expect((await byTask('bens', token)).body).toEqual({
      ...absent.body,
      error_description: expect.stringMatching(/^encounter/),
    });
    for (const task of ['alone', 'over', 'bare', 'grow']) expect(await byTask(task, token)).toEqual(absent);
  });

  test('SC-190 for a standalone launch there is only the address', async () => {
    const made = await byTask('alone');
    expect(made).toMatchObject({ status: 200, body: { launch_urls: ['https://games.example/start'] } });
    expect(made.body.launch).toBeUndefined();
  });
});

describe('the launch service that the CDS Hooks sandbox calls', () => {
  const path = '/fhir/_services/smart/Launch';
  const asked = { launchUrl: 'https://growth.example/launch', parameters: { patient: 'ada', appContext: 'card 7' } };

  test('SC-191 refused without a token, with a cookie alone, with a token of no launching client', async () => {
    expect((await ask(path, asked, undefined)).status).toBe(401);
    expect((await ask(path, asked, father)).status).toBe(401);
    expect((await ask(path, asked, await machineToken('system/Patient.rs'))).status).toBe(401);
  });

  test.each([
    ['no app', { ...asked, launchUrl: undefined }],
    ['an app nobody registered', { ...asked, launchUrl: 'https://unheard.example/launch' }],
    ['a URL that only begins like it', { ...asked, launchUrl: 'https://growth.example/launch/other' }],
    ['no patient', { ...asked, parameters: {} }],
    ['no parameters', { launchUrl: asked.launchUrl }],
    ['a parameter nobody knows', { ...asked, parameters: { patient: 'ada', unheard: 1 } }],
  ])('SC-191 refused: %s', async (_name, body) => {
    expect((await ask(path, body, chartToken)).status).toBe(400);
  });

  test('SC-191 TH-13 an app opened for one child opens others for that child alone, hidden or not there the same', async () => {
    const mother = (await enrol(server, 'mother', ['RelatedPerson/ada-mother', 'RelatedPerson/ben-mother'])).visitor;
    const { launch } = (await ask('/auth/launch-context', { client_id: chart.id, patient: 'ada' }, mother)).body;
    await mother.open(authorizeUrl(server, chart, { launch: String(launch), scope }));
    const token = String((await redeem(server, chart, await mother.submit('allow'))).access_token);
    const forPatient = (patient: string) => ask(path, { ...asked, parameters: { patient } }, token);
    expect((await forPatient('ada')).status).toBe(200);
    const hidden = await forPatient('ben');
    expect(hidden.status).toBe(400);
    expect(hidden).toEqual(await forPatient('nobody'));
  });

  test('SC-191 SC-050 a launch_id that opens the app once, with the appContext of the card', async () => {
    const made = await ask(path, asked, chartToken);
    expect(made.status).toBe(200);
    const launch = String(made.body.launch_id);
    await father.open(authorizeUrl(server, growth, { launch, scope, prompt: 'consent' }));
    const token = await redeem(server, growth, await father.submit('allow'));
    expect(token).toMatchObject({ patient: 'ada', appContext: 'card 7' });
    const again = await father.open(authorizeUrl(server, growth, { launch, scope }));
    expect(again.left?.searchParams.get('error')).toBe('invalid_request');
  });
});

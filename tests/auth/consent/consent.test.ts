import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseScopes } from '../../../src/access/scopes.ts';
import { scopeWords } from '../../../src/auth/consent/scope-words.ts';
import { en } from '../../../src/auth/words/en.ts';
import type { AuthServer } from '../support/auth-server.ts';
import {
  authorizeUrl,
  categoryTest,
  enrol,
  redeem,
  registerApp,
  startPeopleServer,
  type Visitor,
} from '../support/person.ts';

let server: AuthServer;
let father: Visitor;
let mother: Visitor;

beforeAll(async () => {
  server = await startPeopleServer();
  father = (await enrol(server, 'father', ['RelatedPerson/ada-father'])).visitor;
  mother = (await enrol(server, 'mother', ['RelatedPerson/ada-mother', 'RelatedPerson/ben-mother'])).visitor;
});
afterAll(async () => {
  await server.close();
});

const error = ({ left }: { left?: URL }) => left?.searchParams.get('error');

/** The name of the form field next to these words. */
function fieldOf(page: string, words: string): string {
  const found = [...page.matchAll(/name="([^"]+)"[^>]*><span>([^<]*)<\/span>/g)].find(([, , text]) =>
    text?.includes(words),
  );
  if (!found?.[1]) throw new Error(`no line says ${words}`);
  return found[1];
}

describe('SC-040 the consent page', () => {
  test('SC-040 says which app, which child, each kind of record in plain words, and offline access', async () => {
    const app = await registerApp(server, { name: '<b>Growth</b>' });
    const { text } = await father.open(authorizeUrl(server, app));
    expect(text).toContain('&lt;b&gt;Growth&lt;/b&gt;');
    expect(text).not.toContain('<b>Growth');
    for (const words of [
      'Ada Testwell',
      'See: name, birth date, address and contacts',
      'See: measurements, test results and answers to screenings',
      'See: care plans',
      'Keep this access when you are not using the app',
      'Know that it is you',
    ])
      expect(text).toContain(words);
    expect(text).not.toContain('patient/');
  });

  test('SC-040 what is unticked is not granted, offline access neither', async () => {
    const app = await registerApp(server);
    const { text } = await father.open(authorizeUrl(server, app));
    const without = { [fieldOf(text, 'measurements')]: undefined, [fieldOf(text, 'Keep this access')]: undefined };
    const token = await redeem(server, app, await father.submit('allow', without));
    expect(String(token.scope).split(' ').sort()).toEqual(
      'fhirUser launch/patient openid patient/CarePlan.rs patient/Patient.rs'.split(' '),
    );
    expect(token.refresh_token).toBeUndefined();
  });

  test('SC-040 everything unticked, or cancelled, is access_denied', async () => {
    const app = await registerApp(server);
    const { text } = await father.open(authorizeUrl(server, app));
    const none = Object.fromEntries([...text.matchAll(/name="([as]\d+)"/g)].map(([, name]) => [name, undefined]));
    expect(error(await father.submit('allow', none))).toBe('access_denied');
    await father.open(authorizeUrl(server, app));
    expect(error(await father.submit('choose', { cancel: 'yes' }))).toBe('access_denied');
  });

  test('SC-040 a field that was not on the page gives nothing', async () => {
    const app = await registerApp(server);
    await father.open(authorizeUrl(server, app, { scope: 'launch/patient patient/Patient.rs' }));
    const token = await redeem(
      server,
      app,
      await father.submit('allow', { s1: 'yes', s9: 'yes', a0: 'yes', scope: 'patient/*.cruds' }),
    );
    expect(String(token.scope).split(' ').sort()).toEqual(['launch/patient', 'patient/Patient.rs']);
  });

  test('SC-040 SC-155 of Observation single kinds can be picked: a tick there narrows, whatever else is said', async () => {
    const app = await registerApp(server);
    const { text } = await father.open(authorizeUrl(server, app));
    const seen = await father.submit('allow', {
      [fieldOf(text, 'growth and vital signs')]: 'yes',
      [fieldOf(text, 'laboratory')]: 'yes',
    });
    const token = await redeem(server, app, seen);
    const kinds = String(token.scope)
      .split(' ')
      .filter((scope) => scope.includes('Observation'));
    const system = 'http://terminology.hl7.org/CodeSystem/observation-category';
    expect(kinds.sort()).toEqual([
      `patient/Observation.rs?category=${system}|laboratory`,
      `patient/Observation.rs?category=${system}|vital-signs`,
    ]);
  });

  test('SC-040 “only these kinds” with none ticked is none', async () => {
    const app = await registerApp(server);
    const { text } = await father.open(authorizeUrl(server, app));
    const only = { [`${fieldOf(text, 'measurements')}only`]: 'yes' };
    const token = await redeem(server, app, await father.submit('allow', only));
    expect(String(token.scope)).not.toContain('Observation');
  });

  test('SC-040 an app that already asks for one kind only is shown so, and no other kind is offered', async () => {
    const app = await registerApp(server);
    const system = 'http://terminology.hl7.org/CodeSystem/observation-category';
    const { text } = await father.open(
      authorizeUrl(server, app, { scope: `launch/patient patient/Observation.rs?category=${system}|survey` }),
    );
    expect(text).toContain('(only screenings and surveys)');
    expect(text).not.toContain('laboratory');
  });

  test('an app of ours is not asked about', async () => {
    const app = await registerApp(server);
    await server.sql.query('UPDATE auth_client SET first_party = true WHERE id = $1', [app.id]);
    expect((await father.open(authorizeUrl(server, app))).left?.searchParams.get('code')).toBeTruthy();
  });
});

describe('remembered', () => {
  const small = 'launch/patient patient/Patient.rs';

  test('the same app, scopes and child: not asked again; more, or another child: asked', async () => {
    const app = await registerApp(server);
    await mother.open(authorizeUrl(server, app, { scope: small }));
    await mother.submit('choose', { patient: 'ada' });
    await mother.submit('allow');
    await mother.open(authorizeUrl(server, app, { scope: small }));
    expect((await mother.submit('choose', { patient: 'ada' })).left?.searchParams.get('code')).toBeTruthy();
    await mother.open(authorizeUrl(server, app, { scope: small }));
    expect((await mother.submit('choose', { patient: 'ben' })).title).toContain('Allow');
    await mother.open(authorizeUrl(server, app, { scope: `${small} patient/Goal.rs` }));
    expect((await mother.submit('choose', { patient: 'ada' })).title).toContain('Allow');
    await mother.open(authorizeUrl(server, app, { scope: 'launch/patient patient/Patient.cruds' }));
    expect((await mother.submit('choose', { patient: 'ada' })).title).toContain('Allow');
  });

  test('what was unticked stays unticked, and prompt=consent asks again', async () => {
    const app = await registerApp(server);
    const { text } = await father.open(authorizeUrl(server, app));
    await father.submit('allow', { [fieldOf(text, 'care plans')]: undefined });
    const token = await redeem(server, app, await father.open(authorizeUrl(server, app)));
    expect(String(token.scope)).not.toContain('CarePlan');
    expect((await father.open(authorizeUrl(server, app, { prompt: 'consent' }))).title).toContain('Allow');
  });

  test('a remembered answer that gave none of what is asked now is no yes', async () => {
    const app = await registerApp(server);
    const { text } = await father.open(authorizeUrl(server, app, { scope: `${small} patient/Goal.rs` }));
    await father.submit('allow', { [fieldOf(text, 'name, birth date')]: undefined });
    expect((await father.open(authorizeUrl(server, app, { scope: small }))).title).toContain('Allow');
  });

  test('TH-05 an app on a device, which anybody could pose as, is asked about each time; its loopback port is free', async () => {
    const app = await registerApp(server, { native: true, redirectUri: 'http://127.0.0.1/app-back' });
    for (const port of [40_001, 40_002]) {
      const given = { redirect_uri: `http://127.0.0.1:${port}/app-back`, scope: small };
      expect((await father.open(authorizeUrl(server, app, given))).title).toContain('Allow');
      const { left } = await father.submit('allow');
      expect([left?.port, left?.searchParams.has('code')]).toEqual([String(port), true]);
    }
    for (const redirect_uri of [
      'http://127.0.0.1:40001/app-back/more',
      'http://127.0.0.1:40001/app-back?x=1',
      'http://localhost:40001/app-back',
      'http://127.0.0.1:40001@attacker.example/app-back',
      'http://127.0.0.1:99999/app-back',
      'https://127.0.0.1:40001/app-back',
    ])
      expect((await father.open(authorizeUrl(server, app, { redirect_uri }))).status).toBe(400);
    const web = await registerApp(server, { redirectUri: 'http://127.0.0.1/app-back' });
    expect(
      (await father.open(authorizeUrl(server, web, { redirect_uri: 'http://127.0.0.1:40001/app-back' }))).status,
    ).toBe(400);
  });
});

test.each([
  ['patient/Goal.read', 'See: goals'],
  ['patient/Goal.cruds', 'See, add, change and delete: goals'],
  ['user/Observation.c', 'Add: measurements, test results and answers to screenings'],
  ['patient/*.rs', 'See: everything in the record'],
  ['patient/Basic.u', 'Change: records of type Basic'],
  [
    'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
    'See: measurements, test results and answers to screenings (only laboratory results)',
  ],
])('SC-040 %s in words', (text, words) => {
  const types = Object.assign(new Set(['Goal', 'Observation', 'Basic']), { tokenTest: categoryTest });
  const [scope] = parseScopes(text, types).resource;
  expect(scope && scopeWords(scope, en)).toBe(words);
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSessions } from '../../../src/auth/sessions.ts';
import type { AuthServer } from '../support/auth-server.ts';
import {
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
let cleo: Visitor;
let doctor: Visitor;

beforeAll(async () => {
  server = await startPeopleServer();
  father = (await enrol(server, 'father', ['RelatedPerson/ada-father'])).visitor;
  const hers = ['RelatedPerson/ada-mother', 'RelatedPerson/ben-mother', 'Person/mother'];
  mother = (await enrol(server, 'mother', hers)).visitor;
  cleo = (await enrol(server, 'cleo-s', ['Patient/cleo'])).visitor;
  doctor = (await enrol(server, 'doctor', ['Practitioner/doctor'])).visitor;
});
afterAll(async () => {
  await server.close();
});

const error = ({ left }: { left?: URL }) => left?.searchParams.get('error');

describe('a launch by the app itself', () => {
  test('SC-060 SC-091 a father of one child is asked for consent only, and the token is for that child', async () => {
    const app = await registerApp(server);
    const page = await father.open(authorizeUrl(server, app));
    expect(page.title).toBe('Allow Growth Charts &amp; More?');
    expect(page.text).toContain('Ada Testwell');
    const token = await redeem(server, app, await father.submit('allow'));
    expect(token).toMatchObject({ patient: 'ada', token_type: 'Bearer' });
    expect(String(token.scope).split(' ').sort()).toEqual(
      'fhirUser launch/patient offline_access openid patient/CarePlan.rs patient/Observation.rs patient/Patient.rs'.split(
        ' ',
      ),
    );
    const principal = await server.auth.verifyBearer(`Bearer ${String(token.access_token)}`);
    expect(principal).toMatchObject({ ok: true, value: { fhirUser: 'RelatedPerson/ada-father', patientId: 'ada' } });
  });

  test('SC-063 SC-092 a mother of two picks one; the token is for exactly that child, and she its RelatedPerson', async () => {
    const app = await registerApp(server);
    const page = await mother.open(authorizeUrl(server, app));
    expect(page.title).toBe('Which child?');
    expect(page.text).toContain('Ben &lt;Testwell&gt;');
    expect(page.text).not.toContain('Cleo');
    const consent = await mother.submit('choose', { patient: 'ben' });
    expect(consent.title).toContain('Allow');
    const token = await redeem(server, app, await mother.submit('allow'));
    expect(token.patient).toBe('ben');
    const principal = await server.auth.verifyBearer(`Bearer ${String(token.access_token)}`);
    expect(principal).toMatchObject({ ok: true, value: { fhirUser: 'RelatedPerson/ben-mother', patientId: 'ben' } });
  });

  test('SC-060 choosing a child that is not hers asks her again', async () => {
    const app = await registerApp(server);
    await mother.open(authorizeUrl(server, app));
    expect((await mother.submit('choose', { patient: 'cleo' })).title).toBe('Which child?');
  });

  test('SC-092 a guardian of several without a child in context is the Person', async () => {
    const app = await registerApp(server);
    await mother.open(authorizeUrl(server, app, { scope: 'openid fhirUser user/Patient.rs' }));
    const token = await redeem(server, app, await mother.submit('allow'));
    expect(token.patient).toBeUndefined();
    const principal = await server.auth.verifyBearer(`Bearer ${String(token.access_token)}`);
    expect(principal).toMatchObject({ ok: true, value: { fhirUser: 'Person/mother' } });
  });

  test('SC-061 patient/ scopes without launch/patient: the child is asked for all the same', async () => {
    const app = await registerApp(server);
    const page = await mother.open(authorizeUrl(server, app, { scope: 'patient/Patient.rs' }));
    expect(page.title).toBe('Which child?');
  });

  test('SC-092 a young person is their own Patient', async () => {
    const app = await registerApp(server);
    await cleo.open(authorizeUrl(server, app));
    const token = await redeem(server, app, await cleo.submit('allow'));
    const principal = await server.auth.verifyBearer(`Bearer ${String(token.access_token)}`);
    expect(principal).toMatchObject({ ok: true, value: { fhirUser: 'Patient/cleo', patientId: 'cleo' } });
  });

  test('SC-060 SC-092 a clinician finds the child by name, and is the Practitioner', async () => {
    const app = await registerApp(server);
    const page = await doctor.open(authorizeUrl(server, app));
    expect(page.title).toBe('Which child?');
    expect(page.text).not.toContain('Testwell');
    const none = await doctor.submit('choose', { name: 'nobody' });
    expect(none.text).toContain('No child has a name like this.');
    const found = await doctor.submit('choose', { name: 'sample' });
    expect(found.text).toContain('Cleo Samplewood');
    expect(found.url.search).toBe('');
    const t = /name="t" value="([^"]+)"/.exec(found.text)?.[1];
    const token = /name="token" value="([^"]+)"/.exec(found.text)?.[1];
    const body = new URLSearchParams({ t: String(t), token: String(token), patient: 'cleo' });
    await doctor.open(`${server.url}/auth/choose`, { method: 'POST', body });
    const granted = await redeem(server, app, await doctor.submit('allow'));
    expect(granted.patient).toBe('cleo');
    const principal = await server.auth.verifyBearer(`Bearer ${String(granted.access_token)}`);
    expect(principal).toMatchObject({ ok: true, value: { fhirUser: 'Practitioner/doctor' } });
  });

  test('SC-062 an encounter is picked, or none; unknown launch/ scopes are not fatal', async () => {
    const scope =
      'launch/patient launch/encounter launch/imagingstudy?role=https://example.org/x patient/Observation.rs';
    for (const [choice, encounter] of [
      ['visit-1', 'visit-1'],
      ['none', undefined],
    ] as const) {
      const app = await registerApp(server, {
        scopes: 'launch/patient launch/encounter patient/Observation.rs',
      });
      const page = await father.open(authorizeUrl(server, app, { scope }));
      expect([page.title, page.text.includes('Check-up, 2026-05-02')]).toEqual(['Which encounter?', true]);
      await father.submit('choose', { encounter: choice });
      const token = await redeem(server, app, await father.submit('allow'));
      expect([token.patient, token.encounter]).toEqual(['ada', encounter]);
    }
  });

  test('SC-062 a record of another type is picked, or none; what is unknown, or there is not, is not fatal', async () => {
    const role = 'https://example.org/roles/main';
    const scope = `launch/patient launch/goal?role=${role} launch/careplan launch/task launch/nosuch launch/Goal patient/Observation.rs`;
    const registered = 'launch/patient launch/goal launch/careplan launch/task patient/Observation.rs';
    const plan = { reference: 'CarePlan/the-plan', type: 'CarePlan' };
    for (const [choice, items] of [
      ['goal-1', [{ reference: 'Goal/goal-1', type: 'Goal', role }, plan]],
      ['none', [plan]],
      ['goal-of-another', [plan]],
    ] as const) {
      const app = await registerApp(server, { scopes: registered });
      const page = await father.open(authorizeUrl(server, app, { scope }));
      expect([page.title, page.text.includes('Sleep &lt;well&gt;, 2025-01-10')]).toEqual(['Which record?', true]);
      await father.submit('choose', { context: choice });
      const token = await redeem(server, app, await father.submit('allow'));
      expect([choice, token.patient, token.fhirContext]).toEqual([choice, 'ada', items]);
      expect(String(token.scope).split(' ')).toContain(`launch/goal?role=${role}`);
      expect(String(token.scope)).not.toMatch(/nosuch|launch\/Goal/);
    }
  });

  test('SC-062 an app has nobody choose what it is not registered for, and takes no answer that was not asked for', async () => {
    const app = await registerApp(server, { scopes: 'launch/patient patient/Observation.rs' });
    const scope = 'launch/patient launch/goal patient/Observation.rs';
    const page = await father.open(authorizeUrl(server, app, { scope }));
    expect(page.title).not.toBe('Which record?');
    const token = await redeem(server, app, await father.submit('allow'));
    expect([token.fhirContext, String(token.scope).includes('goal')]).toEqual([undefined, false]);
    const asked = await registerApp(server, { scopes: scope });
    await father.open(authorizeUrl(server, asked, { scope }));
    const again = await father.submit('choose', { context: 'the-plan', scope: 'launch/careplan' });
    expect(again.title).toBe('Which record?');
  });

  test('SC-053 somebody without a child is refused', async () => {
    const { visitor } = await enrol(server, 'uncle', ['RelatedPerson/uncle']);
    expect(error(await visitor.open(authorizeUrl(server, await registerApp(server))))).toBe('access_denied');
  });
});

test('SC-092 somebody whom a hospital has signed in uses an app of somebody else’s as who they are there', async () => {
  const { cookie } = await createSessions(server).start({ fhirUser: 'Practitioner/doctor', siteId: 'north' });
  const visitor = new Visitor(server.url);
  visitor.cookies.set('careweave_session', cookie);
  const app = await registerApp(server);
  expect((await visitor.open(authorizeUrl(server, app, { prompt: 'login' }))).title).toBe('Which child?');
  await visitor.open(authorizeUrl(server, app, { scope: 'openid fhirUser user/Patient.rs' }));
  const token = await redeem(server, app, await visitor.submit('allow'));
  const principal = await server.auth.verifyBearer(`Bearer ${String(token.access_token)}`);
  expect(principal).toMatchObject({ ok: true, value: { fhirUser: 'Practitioner/doctor' } });
  expect((await visitor.open(`${server.url}/auth/manage`)).text).toContain('Growth Charts');
  await visitor.submit('sign-out');
  expect((await visitor.open(`${server.url}/auth/manage`)).title).toBe('Sign in');
});

describe('on the way', () => {
  test('SC-038 nobody signed in: the sign-in page, and back to the same request with nothing lost', async () => {
    const app = await registerApp(server);
    const visitor = new Visitor(server.url);
    const page = await visitor.open(authorizeUrl(server, app, { login_hint: 'father', nonce: 'n-7' }));
    expect(page.title).toBe('Sign in');
    expect(page.text).toContain('to go on to Growth Charts &amp; More');
    expect(page.text).toContain('value="father"');
    expect((await signIn(visitor, 'father')).title).toContain('Allow');
    const seen = await visitor.submit('allow');
    expect(seen.left?.searchParams.get('state')).toBe('ß & state');
    expect(seen.left?.searchParams.get('iss')).toBe(server.url);
    const token = await redeem(server, app, seen);
    const claims = JSON.parse(Buffer.from(String(token.id_token).split('.')[1] ?? '', 'base64url').toString('utf8'));
    expect(claims).toMatchObject({ nonce: 'n-7', fhirUser: `${server.fhirBaseUrl}/RelatedPerson/ada-father` });
  });

  test('SC-030 by POST as by GET, and with a scope text of 9 kB', async () => {
    const app = await registerApp(server);
    const types = ['Patient', 'Observation', 'Goal', 'CarePlan', 'Practitioner'];
    const parts = ['c', 'r', 'u', 'd', 's', 'cr', 'cu', 'cd', 'cs', 'ru', 'rd', 'rs', 'ud', 'us', 'ds', 'crs', 'cruds'];
    const scope = types.flatMap((type) => parts.map((part) => `patient/${type}.${part}`)).join(' ');
    const body = new URL(
      authorizeUrl(server, app, { scope: `launch/patient ${scope} ${'patient/Unheard.rs '.repeat(400)}` }),
    ).searchParams;
    expect(body.toString().length).toBeGreaterThan(8000);
    const page = await father.open(`${server.url}/auth/authorize`, { method: 'POST', body });
    expect(page.title).toContain('Allow');
    expect(await redeem(server, app, await father.submit('allow'))).toMatchObject({ patient: 'ada' });
  });

  test('SC-038 prompt=none never shows a page', async () => {
    const app = await registerApp(server);
    const nobody = new Visitor(server.url);
    expect(error(await nobody.open(authorizeUrl(server, app, { prompt: 'none' })))).toBe('login_required');
    expect(error(await mother.open(authorizeUrl(server, app, { prompt: 'none' })))).toBe('interaction_required');
    expect(error(await father.open(authorizeUrl(server, app, { prompt: 'none' })))).toBe('consent_required');
    const body = new URL(authorizeUrl(server, app, { prompt: 'none' })).searchParams;
    const posted = await father.open(`${server.url}/auth/authorize`, { method: 'POST', body });
    expect(error(posted)).toBe('consent_required');
  });

  test('SC-038 prompt=login and max_age ask somebody who is signed in again', async () => {
    const app = await registerApp(server);
    const { visitor } = await enrol(server, 'father-2', []);
    expect((await visitor.open(authorizeUrl(server, app, { prompt: 'login' }))).title).toBe('Sign in');
    server.clock.advance(30);
    expect((await visitor.open(authorizeUrl(server, app, { max_age: '20' }))).title).toBe('Sign in');
    expect(error(await visitor.open(authorizeUrl(server, app, { max_age: '-1' })))).toBe('invalid_request');
    await visitor.open(authorizeUrl(server, app, { max_age: '0' }));
    expect((await signIn(visitor, 'father')).title).toContain('Allow');
  });
});

describe('one answer', () => {
  test('SC-041 the same form twice, and twice at once: one code', async () => {
    const app = await registerApp(server);
    await father.open(authorizeUrl(server, app));
    const text = String(father.seen?.text);
    const form = /action="allow">(.*?)<\/form>/s.exec(text)?.[1] ?? '';
    const found = [...form.matchAll(/name="(t|token|[as]\d+)" value="([^"]*)"/g)];
    const body = () => new URLSearchParams(found.map(([, name = '', value = '']) => [name, value]));
    const again = Array.from({ length: 4 }, () => {
      const copy = new Visitor(server.url);
      for (const [name, value] of father.cookies) copy.cookies.set(name, value);
      return copy.open(`${server.url}/auth/allow`, { method: 'POST', body: body() });
    });
    const seen = await Promise.all(again);
    expect(seen.filter(({ left }) => left?.searchParams.has('code'))).toHaveLength(1);
    expect(seen.filter(({ title }) => title === 'This page is no longer valid')).toHaveLength(3);
    const late = await father.open(`${server.url}/auth/allow`, { method: 'POST', body: body() });
    expect(late.title).toBe('This page is no longer valid');
  });

  test('SC-041 TH-12 a form without our token, with another’s, or from another browser gives nothing', async () => {
    const app = await registerApp(server);
    await father.open(authorizeUrl(server, app));
    const t = /name="t" value="([^"]+)"/.exec(String(father.seen?.text))?.[1] ?? '';
    const token = /name="token" value="([^"]+)"/.exec(String(father.seen?.text))?.[1] ?? '';
    const post = (visitor: Visitor, form: Record<string, string>) =>
      visitor.open(`${server.url}/auth/allow`, { method: 'POST', body: new URLSearchParams({ s0: 'yes', ...form }) });
    expect((await post(father, { t })).status).toBe(400);
    expect((await post(father, { t, token: 'x'.repeat(43) })).status).toBe(400);
    expect((await post(mother, { t, token })).status).toBe(400);
    expect((await mother.open(`${server.url}/auth/continue?t=${t}`)).status).toBe(400);
    expect((await post(father, { t, token })).left?.searchParams.get('code')).toBeTruthy();
  });

  test('SC-041 another person signs in on the way: the first one’s answers count for nothing', async () => {
    const app = await registerApp(server);
    const visitor = new Visitor(server.url);
    await visitor.open(authorizeUrl(server, app));
    await signIn(visitor, 'mother');
    await visitor.submit('choose', { patient: 'ben' });
    const t = /name="t" value="([^"]+)"/.exec(String(visitor.seen?.text))?.[1];
    await visitor.open(`${server.url}/auth/sign-in?t=${t}`);
    const page = await signIn(visitor, 'father');
    expect(page.title).toContain('Allow');
    expect(page.text).toContain('Ada Testwell');
    expect(page.text).not.toContain('Ben');
  });

  test('a request that waited too long is over', async () => {
    const app = await registerApp(server);
    const { visitor, totp } = await enrol(server, 'doctor-2', ['Practitioner/doctor-2']);
    await visitor.open(authorizeUrl(server, app, { prompt: 'login' }));
    server.clock.advance(901);
    await signIn(visitor, 'doctor-2');
    const seen = await visitor.submit('second-factor', { code: codeAt(server, totp) });
    expect(seen.title).not.toContain('Allow');
    expect(seen.left).toBeUndefined();
  });

  test('cancelling tells the app access_denied, once', async () => {
    const app = await registerApp(server);
    await mother.open(authorizeUrl(server, app));
    const page = mother.seen;
    expect(error(await mother.submit('choose', { cancel: 'yes' }))).toBe('access_denied');
    mother.seen = page;
    expect((await mother.submit('choose', { cancel: 'yes' })).title).toBe('This page is no longer valid');
  });
});

test('TH-12 a page that opens us over and over does not fill the browser’s jar', async () => {
  const app = await registerApp(server);
  const visitor = new Visitor(server.url);
  for (let round = 0; round < 25; round += 1) await visitor.open(authorizeUrl(server, app));
  expect([...visitor.cookies.keys()].filter((name) => name.startsWith('careweave_t_')).length).toBeLessThanOrEqual(10);
  expect((await signIn(visitor, 'father')).title).toContain('Allow');
  await visitor.submit('allow');
  expect(visitor.seen?.left?.searchParams.get('code')).toBeTruthy();
});

test('PP-70 signing in, a wrong password, an answer and a code are in the audit trail, without what was typed', async () => {
  const app = await registerApp(server);
  const visitor = new Visitor(server.url);
  await visitor.open(authorizeUrl(server, app));
  await signIn(visitor, 'mother', 'canary-password');
  await signIn(visitor, 'mother');
  await visitor.submit('choose', { patient: 'ben' });
  await visitor.submit('allow');
  const rows = await server.sql.query<{ entry: string }>('SELECT entry FROM audit_pending ORDER BY seq');
  expect(rows.map(({ entry }) => entry).join()).not.toContain('canary-password');
  const entries = rows.map(({ entry }) => JSON.parse(entry)).slice(-4);
  const person = 'RelatedPerson/ben-mother';
  expect(entries).toMatchObject([
    { act: 'login', outcome: 'refused' },
    { act: 'login', outcome: 'success', person: 'Person/mother', detail: 'password' },
    { act: 'consent', outcome: 'success', client: app.id, person },
    { act: 'authorize', outcome: 'success', client: app.id, person },
  ]);
});

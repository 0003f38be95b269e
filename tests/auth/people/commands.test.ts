import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestHouse, type TestHouse } from '../../support/house.ts';
import { type App, authenticatorOf, authorizeUrl, codeAt, password, Visitor } from '../support/person.ts';

/** The command line and the whole house behind it: what an administrator does, and what that does to people's tokens. */
let house: TestHouse;
let app: App;
const put = async (resource: { resourceType: string; id: string; [name: string]: unknown }) => {
  const written = await house.fhir('PUT', `/${resource.resourceType}/${resource.id}`, resource);
  expect([written.status, written.text]).toEqual([201, written.text]);
};
const concept = (system: string, code: string) => ({ coding: [{ system, code }] });

beforeAll(async () => {
  house = await openTestHouse();
  for (const id of ['ada', 'ben']) {
    const patient = { reference: `Patient/${id}` };
    await put({ resourceType: 'Patient', id, birthDate: '2020-01-01', name: [{ family: 'Testwell', given: [id] }] });
    await put({
      resourceType: 'RelatedPerson',
      id: `${id}-mother`,
      active: true,
      patient,
      telecom: [{ system: 'phone', value: '+1 555 0100' }],
    });
    await put({
      resourceType: 'Consent',
      id: `${id}-proxy`,
      status: 'active',
      scope: concept('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
      category: [concept('http://careweave.org/fhir/CodeSystem/proxy-basis', 'parent')],
      patient,
      dateTime: '2024-01-01',
      policyRule: concept('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
      verification: [{ verified: true }],
      provision: {
        type: 'permit',
        actor: [
          {
            role: concept('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP'),
            reference: { reference: `RelatedPerson/${id}-mother` },
          },
        ],
      },
    });
  }
  await put({
    resourceType: 'Patient',
    id: 'cleo',
    birthDate: '2010-01-01',
    name: [{ family: 'Samplewood', given: ['Cleo'] }],
  });
  await put({
    resourceType: 'RelatedPerson',
    id: 'cleo-father',
    active: true,
    patient: { reference: 'Patient/cleo' },
    telecom: [{ system: 'email', value: 'Dad@Example.org' }],
  });
  await put({ resourceType: 'Practitioner', id: 'doctor', name: [{ family: 'Nightwell' }] });
  const links = ['ada', 'ben'].map((id) => ({ target: { reference: `RelatedPerson/${id}-mother` } }));
  await put({ resourceType: 'Person', id: 'mother', active: true, name: [{ family: 'Testwell' }], link: links });
  const redirectUri = 'http://127.0.0.1:9/app-back';
  const scopes = 'launch/patient openid fhirUser offline_access patient/*.rs user/*.rs';
  const made = await house.command(
    ...['client', 'add', '--name', 'App', '--type', 'public'],
    '--redirect-uri',
    redirectUri,
    '--scopes',
    scopes,
  );
  app = { id: JSON.parse(made).client_id, redirectUri, verifier: 'v'.repeat(43) };
});
afterAll(() => house.shut());

const server = () => ({
  url: house.url,
  fhirBaseUrl: `${house.url}/fhir`,
  tokenUrl: `${house.url}/auth/token`,
  clock: house.clock,
});

async function open(username: string, ...links: string[]): Promise<Visitor> {
  const made = await house.command('user', 'add', username, ...links.flatMap((link) => ['--link', link]));
  const visitor = new Visitor(house.url);
  await visitor.open(JSON.parse(made).enrolment_link);
  await visitor.submit('enrol', { password, again: password });
  return visitor;
}

async function tokenFor(visitor: Visitor, scope: string, patient?: string): Promise<string> {
  await visitor.open(authorizeUrl(server(), app, { scope, prompt: 'consent' }));
  if (patient !== undefined) await visitor.submit('choose', { patient });
  const { left } = await visitor.submit('allow');
  const form = {
    grant_type: 'authorization_code',
    client_id: app.id,
    redirect_uri: app.redirectUri,
    code_verifier: app.verifier,
  };
  const body = new URLSearchParams({ ...form, code: String(left?.searchParams.get('code')) });
  const answer = (await (await fetch(`${house.url}/auth/token`, { method: 'POST', body })).json()) as Record<
    string,
    unknown
  >;
  return String(answer.access_token);
}

const read = async (token: string, path: string) =>
  (await fetch(`${house.url}/fhir/${path}`, { headers: { authorization: `Bearer ${token}` } })).status;

describe('user commands', () => {
  test('SC-091 SC-092 every kind of person reads the record that says who they are, and no other of its kind', async () => {
    const mother = await open('mother', 'RelatedPerson/ada-mother', 'RelatedPerson/ben-mother', 'Person/mother');
    const forAda = await tokenFor(mother, 'launch/patient openid fhirUser patient/Patient.rs', 'ada');
    expect(await read(forAda, 'RelatedPerson/ada-mother')).toBe(200);
    expect(await read(forAda, 'RelatedPerson/ben-mother')).toBe(404);
    expect([await read(forAda, 'Patient/ada'), await read(forAda, 'Patient/ben')]).toEqual([200, 404]);
    const forBoth = await tokenFor(mother, 'openid fhirUser user/Patient.rs');
    expect(await read(forBoth, 'Person/mother')).toBe(200);
    expect([await read(forBoth, 'Patient/ada'), await read(forBoth, 'Patient/ben')]).toEqual([200, 200]);
    const without = await tokenFor(mother, 'launch/patient patient/Patient.rs', 'ada');
    expect(await read(without, 'RelatedPerson/ada-mother')).toBe(403);
  });

  test('disabling an account ends its sessions and the tokens of its apps; enabling brings back neither', async () => {
    const doctor = await open('doctor', 'Practitioner/doctor');
    await doctor.submit('set-up', { code: codeAt(server(), authenticatorOf(String(doctor.seen?.text))) });
    await doctor.open(authorizeUrl(server(), app, { scope: 'launch/patient patient/Patient.rs' }));
    await doctor.submit('choose', { name: 'testw' });
    const form = [...String(doctor.seen?.text).matchAll(/<form.*?<\/form>/gs)]
      .map(([text]) => text)
      .find((text) => text.includes('value="ada"'));
    const field = (name: string) => new RegExp(`name="${name}" value="([^"]+)"`).exec(form ?? '')?.[1] ?? '';
    const body = new URLSearchParams({ t: field('t'), token: field('token'), patient: 'ada' });
    await doctor.open(`${house.url}/auth/choose`, { method: 'POST', body });
    const { left } = await doctor.submit('allow');
    const code = String(left?.searchParams.get('code'));
    const grant = {
      grant_type: 'authorization_code',
      client_id: app.id,
      redirect_uri: app.redirectUri,
      code_verifier: app.verifier,
      code,
    };
    const answer = await (
      await fetch(`${house.url}/auth/token`, { method: 'POST', body: new URLSearchParams(grant) })
    ).json();
    const token = String((answer as Record<string, unknown>).access_token);
    expect(await house.command('user', 'list')).toContain('doctor\tactive\tsecond factor\tPractitioner/doctor');
    await house.command('user', 'disable', 'doctor');
    expect((await doctor.open(`${house.url}/auth/account`)).title).toBe('Sign in');
    // What another process has revoked is known here two seconds later at the latest.
    const [row] = await house.store.query<{ revoked_at: Date | null }>(
      "SELECT revoked_at FROM auth_grant WHERE fhir_user = 'Practitioner/doctor'",
    );
    expect(row?.revoked_at).not.toBeNull();
    await house.command('user', 'enable', 'doctor');
    expect((await doctor.open(`${house.url}/auth/account`)).title).toBe('Sign in');
    expect(token).not.toBe('undefined');
  });

  test('a name or a link that somebody has, a link to nobody, a name that is none', async () => {
    const refused = async (...words: string[]) => house.command(...words).catch((fault: Error) => fault.message);
    await house.command('user', 'add', 'taken', '--link', 'RelatedPerson/cleo-father');
    expect(await refused('user', 'add', 'Taken')).toContain('belongs to another account');
    expect(await refused('user', 'add', 'other', '--link', 'RelatedPerson/cleo-father')).toContain(
      'belongs to another account',
    );
    expect(await refused('user', 'add', 'other', '--link', 'Patient/nobody')).toContain('There is no Patient');
    expect(await refused('user', 'add', 'a b')).toContain('user name');
    expect(await refused('user', 'link', 'nobody')).toContain('no such account');
    expect(await refused('user', 'link', 'taken', '--provider', 'x')).toContain('go together');
    expect(
      await refused('provider', 'add', 'x', '--name', 'X', '--issuer', 'http://x.example', '--client-id', 'c'),
    ).toContain('https');
  });

  test('PP-06 a young person’s contact must not be a proxy’s: the link does not work until it is another', async () => {
    const made = await house.command('user', 'add', 'cleo', '--link', 'Patient/cleo', '--contact', 'dad@example.org');
    const link = JSON.parse(made).enrolment_link;
    const visitor = new Visitor(house.url);
    expect((await visitor.open(link)).status).toBe(409);
    const still = await house
      .command('user', 'contact', 'cleo', '--contact', ' DAD@example.org ')
      .catch((fault: Error) => fault.message);
    expect(still).toContain('parent');
    await house.command('user', 'contact', 'cleo', '--contact', 'cleo@example.org');
    expect((await visitor.open(link)).title).toBe('Choose a password');
  });

  test('reset takes password and second factor away and prints a new link', async () => {
    const visitor = await open('forgetful');
    const { enrolment_link } = JSON.parse(await house.command('user', 'reset', 'forgetful'));
    expect((await visitor.open(`${house.url}/auth/account`)).title).toBe('Sign in');
    expect((await visitor.submit('sign-in', { username: 'forgetful', password })).status).toBe(401);
    expect((await visitor.open(enrolment_link)).title).toBe('Choose a password');
  });
});

import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Directory, PatientChoice } from '../../../src/auth/launch-context/directory.ts';
import { createAccounts } from '../../../src/auth/people/accounts.ts';
import { createEnrolments } from '../../../src/auth/people/enrolments.ts';
import type { TokenTest } from '../../../src/store/types.ts';
import { type AuthServer, resourceTypes, startAuthServer } from './auth-server.ts';

/** A page as a person's browser has it, or the address outside to which it was sent. */
export interface Seen {
  status: number;
  text: string;
  title: string;
  headers: Headers;
  url: URL;
  /** Set when the browser left our server. */
  left?: URL;
}

/** A browser without scripts: keeps cookies, follows redirects as far as they stay with us, and sends the forms of a page. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  seen: Seen | undefined;
  private readonly origin: string;

  constructor(origin: string) {
    this.origin = origin;
  }

  async open(url: string, init: RequestInit = {}): Promise<Seen> {
    let [target, request] = [new URL(url, this.seen?.url), init];
    for (let hop = 0; hop < 10; hop += 1) {
      if (target.origin !== this.origin || target.pathname.startsWith('/app-')) return this.leave(target);
      const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(target, { ...request, redirect: 'manual', headers: { cookie, ...request.headers } });
      for (const line of response.headers.getSetCookie()) this.keep(line);
      const location = response.headers.get('location');
      if (location === null) return this.show(target, response);
      await response.body?.cancel();
      [target, request] = [new URL(location, target), {}];
    }
    throw new Error('too many redirects');
  }

  /** Sends the page's form with this action, hidden fields and ticked boxes included, with these fields besides; `undefined` leaves one out. */
  submit(action: string, fields: Record<string, string | undefined> = {}): Promise<Seen> {
    const { text = '', url } = this.seen ?? {};
    const form = new RegExp(`<form method="post" action="${action}">(.*?)</form>`, 's').exec(text)?.[1];
    if (form === undefined)
      throw new Error(`the page has no form ${action}: ${text.replace(/<style.*<\/style>/s, '')}`);
    const values = new Map<string, string>();
    for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
      const [name, value] = [attribute(tag, 'name'), attribute(tag, 'value') ?? ''];
      const given = /type="(hidden|text)"/.test(tag) || (/type="(checkbox|radio)"/.test(tag) && / checked/.test(tag));
      if (name !== undefined && given) values.set(name, value);
    }
    for (const [name, value] of Object.entries(fields))
      value === undefined ? values.delete(name) : values.set(name, value);
    return this.open(new URL(action, url).href, { method: 'POST', body: new URLSearchParams([...values]) });
  }

  private leave(left: URL): Seen {
    this.seen = { status: 302, text: '', title: '', headers: new Headers(), url: left, left };
    return this.seen;
  }

  private async show(url: URL, response: Response): Promise<Seen> {
    const text = await response.text();
    const title = /<title>(.*?) · Careweave<\/title>/.exec(text)?.[1] ?? '';
    this.seen = { status: response.status, text, title, headers: response.headers, url };
    return this.seen;
  }

  private keep(line: string): void {
    const [pair = '', ...flags] = line.split(';');
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    if (value === '' || flags.some((flag) => flag.trim() === 'Max-Age=0')) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

function attribute(tag: string, name: string): string | undefined {
  const text = new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1];
  return text
    ?.replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

export const children: Record<string, PatientChoice> = {
  ada: { id: 'ada', name: 'Ada Testwell', birthDate: '2019-03-01' },
  ben: { id: 'ben', name: 'Ben <Testwell>', birthDate: '2021' },
  cleo: { id: 'cleo', name: 'Cleo Samplewood' },
};

/** Who sees whom: the mother of two, the father of one, Cleo herself, a doctor everybody. */
const sees: Record<string, readonly string[]> = {
  'RelatedPerson/ada-mother': ['ada'],
  'RelatedPerson/ben-mother': ['ben'],
  'RelatedPerson/ada-father': ['ada'],
  'Patient/cleo': ['cleo'],
  'Practitioner/doctor': ['ada', 'ben', 'cleo'],
};

export const testDirectory: Directory = {
  patientsOf: async (fhirUser) => (fhirUser.startsWith('Practitioner/') ? 'all' : chosen(fhirUser)),
  search: async (fhirUser, name) =>
    chosen(fhirUser).filter((one) => one.name.toLowerCase().includes(name.toLowerCase())),
  patient: async (fhirUser, id) => chosen(fhirUser).find((one) => one.id === id),
  proxiesOf: async (id) =>
    id === 'cleo' ? [{ fhirUser: 'RelatedPerson/cleo-mother', contacts: ['+1 555 0100'] }] : [],
  hasEncounter: async (_fhirUser, id, encounterId) => id === 'ada' && /^visit-[12]$/.test(encounterId),
  recordsOf: async (_fhirUser, id, type) =>
    id === 'ada' && type === 'Goal'
      ? [
          { id: 'goal-2', name: 'Walk to school, 2026-05-02' },
          { id: 'goal-1', name: 'Sleep <well>, 2025-01-10' },
        ]
      : id === 'ada' && type === 'CarePlan'
        ? [{ id: 'the-plan', name: 'The plan' }]
        : [],
  encountersOf: async (_fhirUser, id) =>
    id === 'ada'
      ? [
          { id: 'visit-2', name: 'Check-up, 2026-05-02' },
          { id: 'visit-1', name: 'Vaccination, 2025-01-10' },
        ]
      : [],
  task: async (fhirUser, id) => {
    const task = launchTasks[id];
    const { reference } = (task?.for ?? {}) as { reference?: string };
    return chosen(fhirUser).some((one) => reference === `Patient/${one.id}`) ? task : undefined;
  },
};

/** Tasks that ask for an app, as SMART App Launch 2.2 shapes them; who sees the child sees its Tasks. */
export function launchTask(change: {
  code?: string;
  status?: string;
  patient?: string;
  url?: string;
  appContext?: string;
}): Record<string, unknown> {
  const system = 'http://hl7.org/fhir/smart-app-launch/CodeSystem/smart-codes';
  const concept = (code: string) => ({ coding: [{ system, code }] });
  const { code = 'launch-app-ehr', status = 'requested', patient = 'ada', url, appContext } = change;
  return {
    resourceType: 'Task',
    status,
    intent: 'proposal',
    code: concept(code),
    for: { reference: `Patient/${patient}` },
    encounter: { reference: 'Encounter/visit-1' },
    input: [
      ...(url === undefined ? [] : [{ type: concept('smartonfhir-application'), valueUrl: url }]),
      ...(appContext === undefined ? [] : [{ type: concept('smartonfhir-appcontext'), valueString: appContext }]),
    ],
  };
}

const growthUrl = 'https://growth.example/launch';
export const launchTasks: Record<string, Record<string, unknown>> = {
  grow: launchTask({ url: growthUrl, appContext: '{"chart":"weight"}' }),
  alone: launchTask({ code: 'launch-app-standalone', url: 'https://games.example/start' }),
  over: launchTask({ url: growthUrl, status: 'completed' }),
  other: launchTask({ url: 'https://unheard.example/launch' }),
  bare: launchTask({}),
  plain: { resourceType: 'Task', status: 'requested', for: { reference: 'Patient/ada' }, code: { text: 'Call' } },
  bens: launchTask({ url: growthUrl, patient: 'ben' }),
};

function chosen(fhirUser: string): PatientChoice[] {
  return (sees[fhirUser] ?? []).flatMap((id) => children[id] ?? []);
}

export const password = 'four plain words together';

/** Of the filters that scopes may have, here only `category=system|code`. */
export function categoryTest(_type: string, param: string, values: string): TokenTest | undefined {
  const [system, code] = values.split('|');
  return param === 'category' && system && code ? { param, anyOf: [{ system, code }] } : undefined;
}

/** Passwords cost little here; what they cost by default is tested where they are worked out. */
export function startPeopleServer(): Promise<AuthServer> {
  return startAuthServer(undefined, {
    directory: testDirectory,
    passwordCosts: { N: 1024, r: 8, p: 1 },
    resourceTypes: Object.assign(new Set(resourceTypes), { tokenTest: categoryTest }),
  });
}

/** An account and the link it is opened with. */
export async function invite(
  server: AuthServer,
  username: string,
  fhirUsers: readonly string[],
  more: { contact?: string; administrator?: boolean } = {},
): Promise<{ id: string; link: string }> {
  const added = await createAccounts(server).add({ username, fhirUsers, ...more });
  if (!added.ok) throw new Error(added.error.issues[0]?.text);
  const token = await createEnrolments(server).issue(added.value.id);
  return { id: added.value.id, link: `${server.url}/auth/enrol?token=${token}` };
}

/** The authenticator app of a person: reads the key off the page. */
export function authenticatorOf(page: string): TOTP {
  const key = /type this key into the app: <code>([A-Z2-7 ]+)<\/code>/.exec(page)?.[1] ?? '';
  return new TOTP({ secret: Secret.fromBase32(key.replaceAll(' ', '')) });
}

/** A person who has chosen the password and, where it is needed, set up a second factor; and the browser they did it in. */
export async function enrol(server: AuthServer, username: string, fhirUsers: readonly string[]) {
  const visitor = new Visitor(server.url);
  const { id, link } = await invite(server, username, fhirUsers);
  await visitor.open(link);
  const next = await visitor.submit('enrol', { password, again: password });
  if (next.title !== 'Set up a second factor') return { id, visitor, totp: undefined, recovery: [] };
  const totp = authenticatorOf(next.text);
  const codes = await visitor.submit('set-up', { code: codeAt(server, totp) });
  const recovery = [...codes.text.matchAll(/<li><code>([a-z0-9-]+)<\/code><\/li>/g)].map(([, code]) => code ?? '');
  return { id, visitor, totp, recovery };
}

export function codeAt(server: { clock: { now(): Date } }, totp: TOTP | undefined): string {
  return totp?.generate({ timestamp: server.clock.now().getTime() }) ?? '';
}

/** Fills in the sign-in page that the visitor has open. */
export function signIn(visitor: Visitor, username: string, given = password): Promise<Seen> {
  return visitor.submit('sign-in', { username, password: given });
}

export interface App {
  id: string;
  redirectUri: string;
  verifier: string;
}

/** Somebody else's app. */
export async function registerApp(
  server: AuthServer,
  change: { scopes?: string; name?: string; native?: boolean; redirectUri?: string; launchUrls?: string[] } = {},
): Promise<App> {
  const redirectUri = change.redirectUri ?? `${server.url}/app-${randomBytes(4).toString('hex')}`;
  const added = await server.auth.addClient({
    name: change.name ?? 'Growth Charts & More',
    type: 'public',
    scopes:
      change.scopes ??
      'launch launch/patient launch/encounter openid fhirUser offline_access online_access patient/*.cruds user/*.cruds',
    redirectUris: [redirectUri],
    launchUrls: change.launchUrls ?? [],
    native: change.native ?? false,
  });
  if (!added.ok) throw new Error(added.error.issues[0]?.text);
  return { id: added.value.id, redirectUri, verifier: randomBytes(32).toString('base64url') };
}

/** The address with which the app sends a browser to us. */
export function authorizeUrl(
  server: Pick<AuthServer, 'url' | 'fhirBaseUrl'>,
  app: App,
  change: Record<string, string | undefined> = {},
): string {
  const wanted: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: app.id,
    redirect_uri: app.redirectUri,
    scope:
      'launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs patient/CarePlan.rs',
    state: 'ß & state',
    aud: server.fhirBaseUrl,
    code_challenge: createHash('sha256').update(app.verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...change,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) query.set(name, value);
  return `${server.url}/auth/authorize?${query}`;
}

/** What the app gets for the code it was sent. */
export async function redeem(server: AuthServer, app: App, { left }: Seen): Promise<Record<string, unknown>> {
  const code = left?.searchParams.get('code');
  if (!code)
    throw new Error(`no code: ${left?.searchParams.get('error')} ${left?.searchParams.get('error_description')}`);
  const form = { grant_type: 'authorization_code', client_id: app.id, redirect_uri: app.redirectUri, code };
  const body = new URLSearchParams({ ...form, code_verifier: app.verifier });
  const response = await fetch(server.tokenUrl, { method: 'POST', body });
  return (await response.json()) as Record<string, unknown>;
}

import { createHash, randomBytes } from 'node:crypto';
import { clinicianClientId, ensureFirstPartyClients } from '../../../src/auth/first-party.ts';
import { createSessions } from '../../../src/auth/sessions.ts';
import { type Answer, type AuthServer, postForm } from './auth-server.ts';

/** What the clinician page knows when it starts: a launch, and the session cookie in its browser. */
export interface Visit {
  cookie: string;
  launchId: string;
  verifier: string;
}

export async function registerClinician(server: AuthServer): Promise<void> {
  const done = await ensureFirstPartyClients(server.auth.clients, server.url);
  if (!done.ok) throw new Error(done.error.issues[0]?.text);
}

export async function startVisit(
  server: AuthServer,
  { patientId = 'child-1', clientId = clinicianClientId }: { patientId?: string; clientId?: string } = {},
): Promise<Visit> {
  const sessions = createSessions(server);
  const { session, cookie } = await sessions.start({ fhirUser: 'Practitioner/doctor-1', siteId: 'north' });
  const launch = await server.auth.createLaunch({
    clientId,
    sessionHash: session.hash,
    patientId,
    needPatientBanner: false,
  });
  if (!launch.ok) throw new Error('no launch');
  return { cookie, launchId: launch.value.launchId, verifier: randomBytes(32).toString('base64url') };
}

export function challengeFor(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** The parameters of a right authorize request. */
export function authorizeParameters(server: AuthServer, visit: Visit): Record<string, string> {
  return {
    response_type: 'code',
    client_id: clinicianClientId,
    redirect_uri: `${server.url}/clinician/callback`,
    launch: visit.launchId,
    scope: 'launch openid fhirUser user/Practitioner.rs patient/*.rs',
    state: 'a state ünd + % mark',
    aud: server.fhirBaseUrl,
    code_challenge: challengeFor(visit.verifier),
    code_challenge_method: 'S256',
  };
}

export interface Redirected {
  status: number;
  /** Where the browser was sent; undefined for a page. */
  location?: URL;
  text: string;
}

/** Sends an authorize request the way a browser would. A parameter set to undefined is left out. */
export async function authorize(
  server: AuthServer,
  visit: Visit,
  change: Record<string, string | undefined> | [string, string][] = {},
  options: { method?: 'GET' | 'POST'; cookie?: string } = {},
): Promise<Redirected> {
  const parameters = new URLSearchParams();
  const extra = Array.isArray(change) ? change : [];
  const wanted = { ...authorizeParameters(server, visit), ...(Array.isArray(change) ? {} : change) };
  for (const [name, value] of [...Object.entries(wanted), ...extra])
    if (value !== undefined) parameters.append(name, value);
  const headers = { cookie: options.cookie ?? `careweave_session=${visit.cookie}` };
  const address = `${server.url}/auth/authorize`;
  const response =
    options.method === 'POST'
      ? await fetch(address, { method: 'POST', body: parameters, headers, redirect: 'manual' })
      : await fetch(`${address}?${parameters}`, { headers, redirect: 'manual' });
  const location = response.headers.get('location');
  return { status: response.status, location: location ? new URL(location) : undefined, text: await response.text() };
}

export async function codeOf(server: AuthServer, visit: Visit, change: Record<string, string> = {}): Promise<string> {
  const { location } = await authorize(server, visit, change);
  const code = location?.searchParams.get('code');
  if (!code) throw new Error(`no code: ${location?.searchParams.get('error_description')}`);
  return code;
}

/** Exchanges a code as the clinician page does. */
export function exchange(
  server: AuthServer,
  visit: Visit,
  code: string,
  change: Record<string, string> = {},
): Promise<Answer> {
  return postForm(server.tokenUrl, {
    grant_type: 'authorization_code',
    client_id: clinicianClientId,
    redirect_uri: `${server.url}/clinician/callback`,
    code,
    code_verifier: visit.verifier,
    ...change,
  });
}

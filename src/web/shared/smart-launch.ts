/**
 * The browser's half of a SMART EHR launch (SMART App Launch 2.2) against the server this page came from.
 * State lives in sessionStorage, which belongs to this one tab: two tabs can never show each other's child.
 */

export interface Session {
  accessToken: string;
  patientId: string;
  needPatientBanner: boolean;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export type LaunchStep =
  | { kind: 'session'; session: Session }
  | { kind: 'leaving' }
  | { kind: 'failed'; reason: LaunchFailure };
export type LaunchFailure = 'no-launch' | 'wrong-server' | 'refused' | 'expired' | 'unreachable' | 'interrupted';

const clientId = 'careweave-clinician';
const scope = 'launch openid fhirUser patient/*.rs';
const pendingKey = 'careweave.launch';
const sessionKey = 'careweave.session';

interface Pending {
  state: string;
  verifier: string;
  tokenEndpoint: string;
}

const fhirBase = () => `${window.location.origin}/fhir`;
const redirectUri = () => `${window.location.origin}/clinician/callback`;

/** Does what the address asks for: begins a launch, finishes one, or goes on with this tab's session. */
export async function continueLaunch(): Promise<LaunchStep> {
  const parameters = new URLSearchParams(window.location.search);
  const { pathname } = window.location;
  try {
    if (pathname === '/clinician/launch') return await begin(parameters);
    if (pathname === '/clinician/callback') return await finish(parameters);
  } catch {
    // A launch that has not begun can be tried again; the code of one that was under way is gone.
    return { kind: 'failed', reason: pathname === '/clinician/launch' ? 'unreachable' : 'interrupted' };
  }
  const session = storedSession();
  if (!session) return { kind: 'failed', reason: 'no-launch' };
  return session.expiresAt > Date.now() ? { kind: 'session', session } : { kind: 'failed', reason: 'expired' };
}

async function begin(parameters: URLSearchParams): Promise<LaunchStep> {
  const launch = parameters.get('launch');
  if (!launch) return { kind: 'failed', reason: 'no-launch' };
  if (parameters.get('iss') !== fhirBase()) return { kind: 'failed', reason: 'wrong-server' };
  sessionStorage.clear();
  const answer = await fetch(`${fhirBase()}/.well-known/smart-configuration`);
  if (!answer.ok) return { kind: 'failed', reason: 'unreachable' };
  const discovered: { authorization_endpoint: string; token_endpoint: string } = await answer.json();
  const pending: Pending = { state: randomText(), verifier: randomText(), tokenEndpoint: discovered.token_endpoint };
  sessionStorage.setItem(pendingKey, JSON.stringify(pending));
  const url = new URL(discovered.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri(),
    scope,
    state: pending.state,
    aud: fhirBase(),
    launch,
    code_challenge: await challengeOf(pending.verifier),
    code_challenge_method: 'S256',
  }).toString();
  window.location.replace(url);
  return { kind: 'leaving' };
}

async function finish(parameters: URLSearchParams): Promise<LaunchStep> {
  const pending: Pending | null = JSON.parse(sessionStorage.getItem(pendingKey) ?? 'null');
  sessionStorage.removeItem(pendingKey);
  const code = parameters.get('code');
  // The code leaves the address bar at once, so that it is not in the history.
  window.history.replaceState(null, '', '/clinician/');
  if (!pending || !code || parameters.get('state') !== pending.state) return { kind: 'failed', reason: 'refused' };
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri(),
    client_id: clientId,
    code_verifier: pending.verifier,
  });
  const answer = await fetch(pending.tokenEndpoint, { method: 'POST', body });
  if (!answer.ok) return { kind: 'failed', reason: 'refused' };
  const token: { access_token: string; patient?: string; need_patient_banner?: boolean; expires_in: number } =
    await answer.json();
  if (!token.patient) return { kind: 'failed', reason: 'refused' };
  const session: Session = {
    accessToken: token.access_token,
    patientId: token.patient,
    needPatientBanner: token.need_patient_banner !== false,
    expiresAt: Date.now() + token.expires_in * 1000,
  };
  sessionStorage.setItem(sessionKey, JSON.stringify(session));
  return { kind: 'session', session };
}

function storedSession(): Session | null {
  return JSON.parse(sessionStorage.getItem(sessionKey) ?? 'null');
}

/** 256 random bits, base64url. */
function randomText(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

async function challengeOf(verifier: string): Promise<string> {
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

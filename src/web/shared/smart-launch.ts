/**
 * The browser's half of a SMART launch (SMART App Launch 2.2) against the server this page came from: an EHR launch, or a standalone one.
 * State lives in sessionStorage, which belongs to this one tab: two tabs can never show each other's child.
 */

/** One of our pages as a SMART app: `src/auth/first-party.ts` registers it under the same client_id. */
export interface LaunchApp {
  clientId: string;
  scope: string;
  /** Where it lives, e.g. `/clinician`: it begins at `/launch` under it and comes back to `/callback`. */
  home: string;
  /** Begins by itself, with our own sign-in, instead of by an EHR. */
  isStandalone: boolean;
  /** It is about many children: no launch chooses one. */
  isForMany?: true;
}

export interface Session {
  accessToken: string;
  /** Empty for an app about many children. */
  patientId: string;
  needPatientBanner: boolean;
  /** Who is signed in, e.g. `RelatedPerson/ana`; absent when the launch did not say. */
  fhirUser?: string;
  /** What was granted. */
  scopes?: string[];
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export type LaunchStep =
  | { kind: 'session'; session: Session }
  | { kind: 'leaving' }
  | { kind: 'failed'; reason: LaunchFailure };
/** `denied`: the person did not allow it, or has no child here. */
export type LaunchFailure =
  | 'no-launch'
  | 'wrong-server'
  | 'refused'
  | 'denied'
  | 'expired'
  | 'unreachable'
  | 'interrupted';

const clinicianApp: LaunchApp = {
  clientId: 'careweave-clinician',
  scope: 'launch openid fhirUser patient/*.rs patient/CarePlan.u patient/Task.cu patient/Communication.c',
  home: '/clinician',
  isStandalone: false,
};
const pendingKey = 'careweave.launch';
/** By app: another page of ours in the same tab goes on with its own session only. */
const sessionKey = ({ clientId }: LaunchApp) => `careweave.session.${clientId}`;

interface Pending {
  state: string;
  verifier: string;
  tokenEndpoint: string;
}

interface TokenAnswer {
  access_token: string;
  patient?: string;
  need_patient_banner?: boolean;
  expires_in: number;
  id_token?: string;
  scope?: string;
}

const fhirBase = () => `${window.location.origin}/fhir`;
const redirectUri = ({ home }: LaunchApp) => `${window.location.origin}${home}/callback`;

/** Does what the address asks for: begins a launch, finishes one, or goes on with this tab's session. */
export async function continueLaunch(app: LaunchApp = clinicianApp): Promise<LaunchStep> {
  const parameters = new URLSearchParams(window.location.search);
  const { pathname } = window.location;
  try {
    if (pathname === `${app.home}/launch`) return await (app.isStandalone ? leave(app) : begin(app, parameters));
    if (pathname === `${app.home}/callback`) return await finish(app, parameters);
  } catch {
    // A launch that has not begun can be tried again; the code of one that was under way is gone.
    return { kind: 'failed', reason: pathname === `${app.home}/launch` ? 'unreachable' : 'interrupted' };
  }
  const session = storedSession(app);
  if (!session) return { kind: 'failed', reason: 'no-launch' };
  return session.expiresAt > Date.now() ? { kind: 'session', session } : { kind: 'failed', reason: 'expired' };
}

async function begin(app: LaunchApp, parameters: URLSearchParams): Promise<LaunchStep> {
  const launch = parameters.get('launch');
  if (!launch) return { kind: 'failed', reason: 'no-launch' };
  if (parameters.get('iss') !== fhirBase()) return { kind: 'failed', reason: 'wrong-server' };
  return leave(app, launch);
}

/** Goes to sign in. What this tab knew of another child is forgotten first. */
async function leave(app: LaunchApp, launch?: string): Promise<LaunchStep> {
  sessionStorage.clear();
  const answer = await fetch(`${fhirBase()}/.well-known/smart-configuration`);
  if (!answer.ok) return { kind: 'failed', reason: 'unreachable' };
  const discovered: { authorization_endpoint: string; token_endpoint: string } = await answer.json();
  const pending: Pending = { state: randomText(), verifier: randomText(), tokenEndpoint: discovered.token_endpoint };
  sessionStorage.setItem(pendingKey, JSON.stringify(pending));
  const url = new URL(discovered.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: app.clientId,
    redirect_uri: redirectUri(app),
    scope: app.scope,
    state: pending.state,
    aud: fhirBase(),
    ...(launch !== undefined && { launch }),
    code_challenge: await challengeOf(pending.verifier),
    code_challenge_method: 'S256',
  }).toString();
  window.location.replace(url);
  return { kind: 'leaving' };
}

async function finish(app: LaunchApp, parameters: URLSearchParams): Promise<LaunchStep> {
  const pending: Pending | null = JSON.parse(sessionStorage.getItem(pendingKey) ?? 'null');
  sessionStorage.removeItem(pendingKey);
  const code = parameters.get('code');
  // The code leaves the address bar at once, so that it is not in the history.
  window.history.replaceState(null, '', `${app.home}/`);
  const isOurs = pending !== null && parameters.get('state') === pending.state;
  if (isOurs && parameters.get('error') === 'access_denied') return { kind: 'failed', reason: 'denied' };
  if (!isOurs || !code) return { kind: 'failed', reason: 'refused' };
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri(app),
    client_id: app.clientId,
    code_verifier: pending.verifier,
  });
  const answer = await fetch(pending.tokenEndpoint, { method: 'POST', body });
  if (!answer.ok) return { kind: 'failed', reason: 'refused' };
  const token: TokenAnswer = await answer.json();
  if (!token.patient && !app.isForMany) return { kind: 'failed', reason: 'refused' };
  const session: Session = {
    accessToken: token.access_token,
    patientId: token.patient ?? '',
    needPatientBanner: token.need_patient_banner !== false,
    fhirUser: token.id_token === undefined ? undefined : fhirUserIn(token.id_token),
    scopes: (token.scope ?? '').split(' '),
    expiresAt: Date.now() + token.expires_in * 1000,
  };
  sessionStorage.setItem(sessionKey(app), JSON.stringify(session));
  return { kind: 'session', session };
}

/** Ends this tab's session: the server takes the token back, the tab forgets it. */
export async function endSession(app: LaunchApp, { accessToken }: Session): Promise<void> {
  sessionStorage.clear();
  const body = new URLSearchParams({ token: accessToken, client_id: app.clientId });
  await fetch(`${window.location.origin}/auth/revoke`, { method: 'POST', body }).catch(() => undefined);
}

/** The claim fhirUser (SMART App Launch 2.2, 2.0.8) as `Type/id`. The token came from the server itself, so its signature is not looked at. */
function fhirUserIn(idToken: string): string | undefined {
  const part = (idToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
  const claims: { fhirUser?: string } = JSON.parse(atob(part));
  return claims.fhirUser?.split('/').slice(-2).join('/');
}

function storedSession(app: LaunchApp): Session | null {
  return JSON.parse(sessionStorage.getItem(sessionKey(app)) ?? 'null');
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

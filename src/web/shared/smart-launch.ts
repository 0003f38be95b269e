/**
 * The browser's half of a SMART launch (SMART App Launch 2.2) against the server this page came from: an EHR launch, or a standalone one.
 * State lives in sessionStorage, which belongs to this one tab: two tabs can never show each other's child.
 */

import { keepStored, type Session, storedSession } from './session-store.ts';

export type { Session } from './session-store.ts';

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
  /** In which language our own sign-in is to speak (`ui_locales`), e.g. `es`. */
  language?: string;
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
const placeKey = 'careweave.place';

interface Pending {
  state: string;
  verifier: string;
  tokenEndpoint: string;
  /** Where the reader was when the session before ended, and who that was. */
  place?: Place;
}

interface Place {
  state: unknown;
  fhirUser: string;
}

interface TokenAnswer {
  access_token: string;
  patient?: string;
  need_patient_banner?: boolean;
  expires_in: number;
  refresh_token?: string;
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
  const session = storedSession(app.clientId);
  if (!session) return { kind: 'failed', reason: 'no-launch' };
  if (session.expiresAt > Date.now()) return { kind: 'session', session };
  const renewed = await renewSession(app, session);
  if ('session' in renewed) return { kind: 'session', session: renewed.session };
  return { kind: 'failed', reason: renewed.failed === 'unreachable' ? 'unreachable' : 'expired' };
}

async function begin(app: LaunchApp, parameters: URLSearchParams): Promise<LaunchStep> {
  const launch = parameters.get('launch');
  if (!launch) return { kind: 'failed', reason: 'no-launch' };
  if (parameters.get('iss') !== fhirBase()) return { kind: 'failed', reason: 'wrong-server' };
  return leave(app, launch);
}

/** Goes to sign in. What this tab knew of another child is forgotten first. */
async function leave(app: LaunchApp, launch?: string): Promise<LaunchStep> {
  const place: Place | null = JSON.parse(sessionStorage.getItem(placeKey) ?? 'null');
  sessionStorage.clear();
  const answer = await fetch(`${fhirBase()}/.well-known/smart-configuration`);
  if (!answer.ok) return { kind: 'failed', reason: 'unreachable' };
  const discovered: { authorization_endpoint: string; token_endpoint: string } = await answer.json();
  const pending: Pending = {
    state: randomText(),
    verifier: randomText(),
    tokenEndpoint: discovered.token_endpoint,
    ...(place && { place }),
  };
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
    ...(app.language !== undefined && { ui_locales: app.language }),
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
  const session = sessionOf(token, pending.tokenEndpoint);
  keepStored(app.clientId, session);
  // Only the same person goes on where they were.
  if (pending.place !== undefined && pending.place.fhirUser === session.fhirUser)
    window.history.replaceState(pending.place.state, '', `${app.home}/`);
  return { kind: 'session', session };
}

function sessionOf(token: TokenAnswer, tokenEndpoint: string): Session {
  return {
    accessToken: token.access_token,
    patientId: token.patient ?? '',
    needPatientBanner: token.need_patient_banner !== false,
    fhirUser: token.id_token === undefined ? undefined : fhirUserIn(token.id_token),
    scopes: (token.scope ?? '').split(' '),
    expiresAt: Date.now() + token.expires_in * 1000,
    tokenEndpoint,
    ...(token.refresh_token !== undefined && { refreshToken: token.refresh_token }),
  };
}

/**
 * The next access token, for an app that was given a refresh token (SMART App Launch 2.2, "online_access"): it is good once, so the next one is
 * kept with it. `refused`: sign in again.
 */
export async function renewSession(
  app: LaunchApp,
  before: Session,
): Promise<{ session: Session } | { failed: 'refused' | 'unreachable' }> {
  const { refreshToken, tokenEndpoint } = before;
  if (refreshToken === undefined || tokenEndpoint === undefined) return { failed: 'refused' };
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: app.clientId,
  });
  try {
    const answer = await fetch(tokenEndpoint, { method: 'POST', body });
    if (answer.status >= 500 || answer.status === 429) return { failed: 'unreachable' };
    if (!answer.ok) return { failed: 'refused' };
    const token: TokenAnswer = await answer.json();
    const next = sessionOf(token, tokenEndpoint);
    const session: Session = { ...next, patientId: before.patientId, fhirUser: before.fhirUser };
    keepStored(app.clientId, session);
    return { session };
  } catch {
    return { failed: 'unreachable' };
  }
}

/** Goes to sign in, and comes back to where the reader is: the place is kept in this tab alone, and for the same person. */
export function signInAgain(app: LaunchApp): void {
  const fhirUser = storedSession(app.clientId)?.fhirUser;
  if (fhirUser !== undefined) {
    const place: Place = { state: window.history.state, fhirUser };
    sessionStorage.setItem(placeKey, JSON.stringify(place));
  }
  window.location.assign(`${app.home}/launch`);
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

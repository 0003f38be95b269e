import type { Request, RequestHandler, Response } from 'express';
import { limits } from '../../base/limits.ts';
import { readCookie, sessionCookie, setCookie } from '../cookies.ts';
import { clinicianClientId, clinicianLaunchUrl } from '../first-party.ts';
import { queryText, readParameters } from '../parameters.ts';
import type { EhrLaunchSite } from '../types.ts';
import { discover, type EhrConfiguration } from './discovery.ts';
import { ehrUserOf } from './ehr-user.ts';
import { cookiePath, type Ending, endLaunch, type LaunchRoom } from './launch-room.ts';
import { type Login, loginCookieName } from './logins.ts';
import { type EhrTokenResponse, redeemCode } from './redeem.ts';

/** Who and whom a hospital's launch is about, in our own ids. */
interface Arrival {
  siteId: string;
  patientId: string;
  fhirUser: string;
  needPatientBanner: boolean;
}

/**
 * GET /launch/callback?code=…&state=…: the hospital has answered. We learn who is signed in there and which child is open, make a session
 * and a launch of our own, and hand over to the clinician page, which signs in like any other SMART app.
 */
export function callbackEndpoint(room: LaunchRoom): RequestHandler {
  return async (request, response) => {
    const arrival = await arrive(request, room);
    if ('title' in arrival) endLaunch(response, room, arrival);
    else await handOver(response, room, arrival);
    await room.sweep();
  };
}

async function arrive(request: Request, room: LaunchRoom): Promise<Arrival | Ending> {
  const parameters = readParameters(queryText(request.originalUrl));
  const state = parameters.one('state');
  const cookie = state === undefined ? undefined : readCookie(request, loginCookieName(state));
  if (state === undefined || cookie === undefined)
    return { status: 400, title: 'launchTitle', text: 'launchAgain', reason: 'no state' };
  const login: Login = { state, cookie };
  const pending = await room.logins.take(login);
  const site = pending && (await room.sites.byIssuer(pending.issuer));
  if (!pending || site?.siteId !== pending.siteId) {
    return { status: 400, title: 'launchTitle', text: 'launchAgain', reason: 'state unknown, used or expired' };
  }
  const iss = pending.issuer;
  const end = (status: number, reason: string): Ending => ({
    status,
    title: 'launchTitle',
    text: 'launchAgain',
    reason,
    issuer: iss,
  });
  const code = parameters.one('code');
  if (code === undefined) return end(400, 'the record system refused');
  const ehr = await discover(iss, room.guardedFetch);
  if (!ehr.ok) return end(502, `discovery: ${ehr.error.kind}`);
  if (await isFromAnother(parameters.one('iss'), { room, site, iss, ehr: ehr.value }))
    return end(400, 'another issuer answered');
  const answer = await redeemCode(code, { room, site, ehr: ehr.value, login });
  if (!answer.ok) return end(502, `code exchange: ${answer.error.kind}`);
  const user = await ehrUserOf(answer.value, { room, site, ehr: ehr.value, login, iss });
  if (!user.ok) return end(502, `id_token: ${String(user.error.issues[0]?.code)}`);
  return translate(answer.value, user.value, { room, siteId: site.siteId, iss });
}

/**
 * RFC 9207: an answer that says it comes from another authorization server was led here by the one we asked, which would be given
 * a code that is not its own (mix-up). What a configured hospital calls itself counts whatever the one we asked claims.
 */
async function isFromAnother(
  sender: string | undefined,
  { room, site, iss, ehr }: { room: LaunchRoom; site: EhrLaunchSite; iss: string; ehr: EhrConfiguration },
): Promise<boolean> {
  if (sender === undefined || sender === iss) return false;
  if (ehr.namesIssuer && sender !== ehr.issuer) return true;
  const named = await room.sites.byIssuer(sender);
  return named !== undefined && named.siteId !== site.siteId;
}

/** From the hospital's ids to ours. The pages say nothing about the child: not even that the hospital has one. */
async function translate(
  answer: EhrTokenResponse,
  ehrUser: string | undefined,
  { room, siteId, iss }: { room: LaunchRoom; siteId: string; iss: string },
): Promise<Arrival | Ending> {
  const fhirUser = ehrUser === undefined ? undefined : await room.sites.userFor(siteId, ehrUser);
  if (fhirUser === undefined) {
    return { status: 403, title: 'strangerTitle', text: 'noUser', reason: 'unknown user', issuer: iss };
  }
  const patientId = answer.patient === undefined ? undefined : await room.sites.patientFor(siteId, answer.patient);
  if (patientId === undefined) {
    return { status: 404, title: 'noChildTitle', text: 'noChild', reason: 'unknown patient', issuer: iss };
  }
  return { siteId, patientId, fhirUser, needPatientBanner: answer.needPatientBanner };
}

async function handOver(response: Response, room: LaunchRoom, arrival: Arrival): Promise<void> {
  const { siteId, fhirUser, patientId, needPatientBanner } = arrival;
  const { session, cookie } = await room.sessions.start({ fhirUser, siteId });
  const launch = await room.launches.create({
    clientId: clinicianClientId,
    sessionHash: session.hash,
    patientId,
    needPatientBanner,
  });
  setCookie(response, {
    name: sessionCookie,
    value: cookie,
    path: cookiePath(room.publicUrl, '/auth'),
    seconds: limits.auth.sessionSeconds,
    secure: room.publicUrl.startsWith('https:'),
  });
  const target = new URL(clinicianLaunchUrl(room.publicUrl));
  target.searchParams.set('iss', room.fhirBaseUrl);
  target.searchParams.set('launch', launch);
  response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
  response.redirect(302, target.href);
}

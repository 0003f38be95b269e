import type { RequestHandler } from 'express';
import { limits } from '../../base/limits.ts';
import { setCookie } from '../cookies.ts';
import { queryText, readParameters } from '../parameters.ts';
import type { EhrLaunchSite } from '../types.ts';
import { discover } from './discovery.ts';
import { callbackUrl, cookiePath, endLaunch, type LaunchRoom } from './launch-room.ts';
import { challengeOf, type Login, loginCookieName, nonceOf } from './logins.ts';

/**
 * GET /launch?iss=…&launch=…: a hospital's EHR opens Careweave as a SMART app (SMART App Launch 2.2, "EHR launch"). `iss` must be a
 * configured site to the letter: we fetch from it and send the browser where it says (TH-01, TH-05).
 */
export function launchEndpoint(room: LaunchRoom): RequestHandler {
  return async (request, response) => {
    const parameters = readParameters(queryText(request.originalUrl));
    const iss = parameters.one('iss');
    const launch = parameters.one('launch');
    const site = iss === undefined ? undefined : await room.sites.byIssuer(iss);
    if (iss === undefined || launch === undefined || !site) {
      return endLaunch(response, room, {
        status: 400,
        title: 'launchTitle',
        text: 'launchStranger',
        reason: 'unknown issuer',
      });
    }
    const ehr = await discover(iss, room.guardedFetch);
    if (!ehr.ok) {
      const reason = `discovery: ${ehr.error.kind}`;
      return endLaunch(response, room, {
        status: 502,
        title: 'launchTitle',
        text: 'launchSilent',
        reason,
        issuer: iss,
      });
    }
    const login = await room.logins.start({ siteId: site.siteId, issuer: iss });
    setCookie(response, {
      name: loginCookieName(login.state),
      value: login.cookie,
      path: cookiePath(room.publicUrl, '/launch'),
      seconds: limits.auth.launchLifeSeconds,
      secure: room.publicUrl.startsWith('https:'),
    });
    response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    response.redirect(302, authorizeUrl(ehr.value.authorizationEndpoint, { room, site, iss, launch, login }));
    await room.sweep();
  };
}

function authorizeUrl(
  endpoint: string,
  {
    room,
    site,
    iss,
    launch,
    login,
  }: { room: LaunchRoom; site: EhrLaunchSite; iss: string; launch: string; login: Login },
): string {
  const url = new URL(endpoint);
  const wanted: Record<string, string> = {
    response_type: 'code',
    client_id: site.clientId,
    redirect_uri: callbackUrl(room),
    launch,
    scope: site.scopes,
    state: login.state,
    nonce: nonceOf(login),
    aud: iss,
    code_challenge: challengeOf(login),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(wanted)) url.searchParams.set(name, value);
  return url.href;
}

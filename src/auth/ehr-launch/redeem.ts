import { fail, ok, type Result } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import { importPrivateKey, signJwt } from '../../base/jwt.ts';
import { limits } from '../../base/limits.ts';
import type { EhrLaunchSite } from '../types.ts';
import type { EhrConfiguration } from './discovery.ts';
import { callbackUrl, type LaunchRoom } from './launch-room.ts';
import { type Login, verifierOf } from './logins.ts';
import { readJsonObject } from './read-json.ts';

/** What we need of a hospital's token response. Its access token is not among it: a launch only tells us who and whom. */
export interface EhrTokenResponse {
  patient?: string;
  idToken?: string;
  fhirUser?: string;
  needPatientBanner: boolean;
}

/** Exchanges the hospital's code (RFC 6749, section 4.1.3) with PKCE and, unless the site says otherwise, private_key_jwt. */
export async function redeemCode(
  code: string,
  { room, site, ehr, login }: { room: LaunchRoom; site: EhrLaunchSite; ehr: EhrConfiguration; login: Login },
): Promise<Result<EhrTokenResponse>> {
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: callbackUrl(room),
    code_verifier: verifierOf(login),
  });
  if (site.authentication === 'none') form.set('client_id', site.clientId);
  else {
    const assertion = makeAssertion(room, site.clientId, ehr.tokenEndpoint);
    if (!assertion.ok) return assertion;
    form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    form.set('client_assertion', assertion.value);
  }
  const answer = await room.guardedFetch(ehr.tokenEndpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
  });
  if (!answer.ok) return fail('busy', 'The code could not be exchanged.', { cause: answer.error.class });
  const body = readJsonObject(answer.value.body);
  if (!body) return fail('unprocessable', 'The token response is not JSON.');
  return ok({
    patient: textOf(body.patient),
    idToken: textOf(body.id_token),
    fhirUser: textOf(body.fhirUser),
    // Showing the child's name once too often is the safe side.
    needPatientBanner: body.need_patient_banner !== false,
  });
}

function makeAssertion(room: LaunchRoom, clientId: string, audience: string): Result<string> {
  const key = importPrivateKey(room.clientKey);
  if (!key.ok) return key;
  const now = Math.floor(room.clock.now().getTime() / 1000);
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: audience,
    iat: now,
    exp: now + limits.auth.assertionSeconds,
    jti: newId(),
  };
  const algorithm = room.clientKey.kty === 'EC' ? 'ES384' : 'RS384';
  return ok(signJwt(claims, { key: key.value, algorithm, kid: room.clientKey.kid ?? '' }));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

import { fail, ok, type Result } from '../../base/errors.ts';
import {
  type Algorithm,
  importPublicKey,
  type JwtClaims,
  keyFits,
  parseJwks,
  peekJwt,
  verifyJwt,
} from '../../base/jwt.ts';
import { limits } from '../../base/limits.ts';
import { equalSecrets } from '../secrets.ts';
import type { EhrLaunchSite } from '../types.ts';
import type { EhrConfiguration } from './discovery.ts';
import type { LaunchRoom } from './launch-room.ts';
import { type Login, nonceOf } from './logins.ts';
import { readJsonObject } from './read-json.ts';
import type { EhrTokenResponse } from './redeem.ts';

const algorithms: readonly Algorithm[] = ['RS256', 'RS384', 'ES384'];

interface Sender {
  room: LaunchRoom;
  site: EhrLaunchSite;
  ehr: EhrConfiguration;
  login: Login;
  iss: string;
}

/**
 * Who is signed in at the hospital, as a reference relative to its FHIR base (`Practitioner/123`). An id_token that is there must be
 * right; only without one does the token response's own fhirUser count. Undefined value: it names nobody we can use.
 */
export async function ehrUserOf(answer: EhrTokenResponse, sender: Sender): Promise<Result<string | undefined>> {
  if (answer.idToken === undefined) return ok(relativeUser(answer.fhirUser, sender.iss));
  const claims = await verifyIdToken(answer.idToken, sender);
  if (!claims.ok) return claims;
  const { fhirUser, profile } = claims.value;
  return ok(relativeUser(fhirUser ?? profile, sender.iss));
}

async function verifyIdToken(token: string, { room, site, ehr, login }: Sender): Promise<Result<JwtClaims>> {
  const refuse = (cause: string) => fail('unprocessable', 'The id_token is not valid.', { cause });
  const header = peekJwt(token)?.header;
  const algorithm = algorithms.find((name) => name === header?.alg);
  if (!header || !algorithm || ehr.jwksUri === undefined) return refuse('algorithm or jwks_uri');
  const answer = await room.guardedFetch(ehr.jwksUri, {
    headers: { accept: 'application/json' },
    totalMs: limits.jwks.fetchMs,
    maxBytes: limits.jwks.bytes,
  });
  if (!answer.ok)
    return fail('busy', 'The keys of the record system could not be read.', { cause: answer.error.class });
  const keys = (parseJwks(readJsonObject(answer.value.body)) ?? []).filter((key) => keyFits(key, algorithm));
  // Without a kid the choice must be clear (OpenID Connect Core, 10.1).
  const fitting = header.kid === undefined ? keys : keys.filter((key) => key.kid === header.kid);
  const [jwk] = fitting;
  if (!jwk || fitting.length !== 1) return refuse('key');
  const key = importPublicKey(jwk);
  if (!key.ok) return refuse('key unusable');
  const verified = verifyJwt(token, {
    key: key.value,
    algorithms,
    issuer: ehr.issuer,
    now: room.clock.now(),
    skewSeconds: limits.auth.clockSkewSeconds,
  });
  if (!verified.ok) return refuse('signature, issuer or time');
  const { aud, nonce } = verified.value;
  if (aud !== site.clientId && !(Array.isArray(aud) && aud.length === 1 && aud[0] === site.clientId))
    return refuse('aud');
  // Some record systems leave the nonce out. The code came over a direct connection and was bound by PKCE, so one that is
  // missing is tolerable; one that is wrong is not.
  if (nonce !== undefined && !(typeof nonce === 'string' && equalSecrets(nonce, nonceOf(login))))
    return refuse('nonce');
  return verified;
}

/** Only staff of this very hospital: an absolute URL elsewhere names somebody else's user. */
function relativeUser(value: unknown, iss: string): string | undefined {
  if (typeof value !== 'string') return undefined;
  const base = iss.endsWith('/') ? iss : `${iss}/`;
  const relative = value.startsWith(base) ? value.slice(base.length) : value;
  return /^(Practitioner|PractitionerRole)\/[A-Za-z0-9.-]{1,64}$/.test(relative) ? relative : undefined;
}

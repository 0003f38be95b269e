import { importPublicKey, keyFits, peekJwt, verifyJwt } from '../../base/jwt.ts';
import { limits } from '../../base/limits.ts';
import type { AppClient, Hospital } from '../hospital.ts';
import type { ClientKeys } from './client-keys.ts';

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const accepted = ['RS384', 'ES384'] as const;

/**
 * Authenticates a client by `private_key_jwt` (SMART Backend Services; RFC 7523): RS384 or ES384, one fitting key, audience exactly
 * this token address, at most five minutes, each jti once. Undefined for every failure, without a reason: no oracle.
 */
export async function clientByAssertion(
  hospital: Hospital,
  form: URLSearchParams,
  clientKeys: ClientKeys,
): Promise<AppClient | undefined> {
  const token = form.get('client_assertion');
  if (form.get('client_assertion_type') !== assertionType || !token) return undefined;
  const seen = peekJwt(token);
  const algorithm = accepted.find((one) => one === seen?.header.alg);
  const kid = seen?.header.kid;
  const client = hospital.clients.get(String(seen?.claims.iss));
  if (!seen || !algorithm || !kid || !client || seen.claims.sub !== client.id) return undefined;
  if (form.has('client_id') && form.get('client_id') !== client.id) return undefined;
  if (seen.header.jku !== undefined && !(client.jwks && 'url' in client.jwks && client.jwks.url === seen.header.jku)) {
    return undefined;
  }
  const fitting = (await clientKeys(client, kid)).filter((key) => key.kid === kid && keyFits(key, algorithm));
  const key = fitting.length === 1 && fitting[0] ? importPublicKey(fitting[0]) : undefined;
  if (!key?.ok) return undefined;
  const now = hospital.clock.now();
  const audience = `${hospital.root}/oauth/token`;
  const verified = verifyJwt(token, { key: key.value, algorithms: [algorithm], now, audience, issuer: client.id });
  if (!verified.ok) return undefined;
  const { exp, jti } = verified.value;
  const leftSeconds = Number(exp) - now.getTime() / 1000;
  if (
    typeof jti !== 'string' ||
    jti === '' ||
    leftSeconds > limits.auth.assertionSeconds + limits.auth.clockSkewSeconds
  ) {
    return undefined;
  }
  return hospital.grants.firstUse(client.id, jti, leftSeconds) ? client : undefined;
}

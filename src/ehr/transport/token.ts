import type { Clock } from '../../base/clock.ts';
import type { GuardedFetch } from '../../base/guarded-fetch.ts';
import { newId } from '../../base/ids.ts';
import { importPrivateKey, type Jwk, keyFits, signJwt } from '../../base/jwt.ts';
import { thumbprint } from '../../base/keys.ts';
import { limits } from '../../base/limits.ts';
import { parseJson } from '../../fhir/json.ts';
import { isShape, textOf } from '../shape.ts';
import { classify, type EhrFailure } from './failure.ts';

type TokenResult = { ok: true; token: string } | { ok: false; failure: EhrFailure };

export interface TokenSource {
  /** A token with at least a fifth of its life left. Callers at the same time share one request. */
  current(): Promise<TokenResult>;
  /** Forgets `token`, so that the next `current` asks for another. Harmless when it was replaced already. */
  discard(token: string): void;
}

export interface TokenOptions {
  fetch: GuardedFetch;
  clock: Clock;
  tokenUrl: string;
  clientId: string;
  scopes: string;
  /** Our private key: ES384 on P-384, or RS384. */
  key: Jwk;
}

interface Held {
  token: string;
  refreshAtMs: number;
}

/** SMART Backend Services, client side (SMART App Launch 2.2, backend-services): `private_key_jwt`. */
export function createTokenSource(options: TokenOptions): TokenSource {
  let held: Held | undefined;
  let asking: Promise<TokenResult> | undefined;
  const ask = async (): Promise<TokenResult> => {
    const asked = await askToken(options);
    if (!asked.ok) return asked;
    held = asked.held;
    return { ok: true, token: asked.held.token };
  };
  return {
    current() {
      if (held && options.clock.now().getTime() < held.refreshAtMs) {
        return Promise.resolve({ ok: true, token: held.token });
      }
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    discard(token) {
      if (held?.token === token) held = undefined;
    },
  };
}

async function askToken(options: TokenOptions): Promise<{ ok: true; held: Held } | { ok: false; failure: EhrFailure }> {
  const assertion = assert(options);
  if (assertion === undefined) return { ok: false, failure: { class: 'credentials' } };
  const nowMs = options.clock.now().getTime();
  const answer = await options.fetch(options.tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: options.scopes,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }).toString(),
  });
  if (!answer.ok) {
    const failure = classify(answer.error);
    // 400 invalid_client and the like: nothing a retry would cure.
    return { ok: false, failure: failure.class === 'refused' ? { ...failure, class: 'credentials' } : failure };
  }
  const held = readToken(answer.value.body, nowMs);
  return held ? { ok: true, held } : { ok: false, failure: { class: 'malformed', status: answer.value.status } };
}

/** A fresh assertion for every try: a `jti` is never used twice. */
function assert(options: TokenOptions): string | undefined {
  const key = importPrivateKey(options.key);
  const algorithm = options.key.kty === 'RSA' ? 'RS384' : 'ES384';
  if (!key.ok || !keyFits(options.key, algorithm)) return undefined;
  const now = Math.floor(options.clock.now().getTime() / 1000);
  const claims = {
    iss: options.clientId,
    sub: options.clientId,
    aud: options.tokenUrl,
    iat: now,
    exp: now + limits.auth.assertionSeconds - limits.auth.clockSkewSeconds,
    jti: newId(),
  };
  return signJwt(claims, { key: key.value, algorithm, kid: options.key.kid ?? thumbprint(options.key) });
}

function readToken(body: string, nowMs: number): Held | undefined {
  try {
    const answer = parseJson(body);
    const token = isShape(answer) ? textOf(answer.access_token) : undefined;
    if (!isShape(answer) || token === undefined) return undefined;
    const seconds = typeof answer.expires_in === 'number' && answer.expires_in > 0 ? answer.expires_in : 60;
    return { token, refreshAtMs: nowMs + seconds * 800 };
  } catch {
    return undefined;
  }
}

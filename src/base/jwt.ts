import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { fail, ok, type Result } from './errors.ts';
import { limits } from './limits.ts';

/**
 * JSON Web Tokens (RFC 7519) in the few shapes this house uses. The only file that knows the JWT library; callers always say
 * which algorithms they accept, so that neither `none` nor an HMAC with a public key can ever be chosen by the sender.
 */
export type Algorithm = 'RS256' | 'RS384' | 'ES384';

/** A JSON Web Key (RFC 7517) as it came in: looked at before use. */
export interface Jwk {
  kty: string;
  kid?: string;
  alg?: string;
  use?: string;
  [member: string]: unknown;
}

export interface JwtHeader {
  alg: string;
  kid?: string;
  typ?: string;
  jku?: string;
  [member: string]: unknown;
}

export interface JwtClaims {
  [claim: string]: unknown;
}

const keyTypeOf: Record<Algorithm, { kty: string; crv?: string }> = {
  RS256: { kty: 'RSA' },
  RS384: { kty: 'RSA' },
  ES384: { kty: 'EC', crv: 'P-384' },
};

/** True when a key of this kind can make signatures of this algorithm (and does not say it is for something else). */
export function keyFits(jwk: Jwk, algorithm: Algorithm): boolean {
  const wanted = keyTypeOf[algorithm];
  if (jwk.kty !== wanted.kty || (wanted.crv !== undefined && jwk.crv !== wanted.crv)) return false;
  return (jwk.use === undefined || jwk.use === 'sig') && (jwk.alg === undefined || jwk.alg === algorithm);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads one JWK: an object with `kty`, whose `kid`, `alg` and `use` are text when present. */
export function parseJwk(value: unknown): Jwk | undefined {
  if (!isRecord(value) || typeof value.kty !== 'string') return undefined;
  for (const name of ['kid', 'alg', 'use']) {
    if (value[name] !== undefined && typeof value[name] !== 'string') return undefined;
  }
  return { ...value, kty: value.kty };
}

/** Reads a JWK Set (RFC 7517, section 5). Keys of kinds we do not know are left out; undefined when it is no set at all. */
export function parseJwks(value: unknown): Jwk[] | undefined {
  if (!isRecord(value) || !Array.isArray(value.keys) || value.keys.length > limits.jwks.keys) return undefined;
  return value.keys.map(parseJwk).filter((key) => key !== undefined);
}

/** The public half of an RSA or EC key, for verifying. A private JWK is reduced to its public members first. */
export function importPublicKey(jwk: Jwk): Result<KeyObject> {
  return importKey(() => createPublicKey({ key: { ...publicJwk(jwk) }, format: 'jwk' }));
}

export function importPrivateKey(jwk: Jwk): Result<KeyObject> {
  return importKey(() => createPrivateKey({ key: { ...jwk }, format: 'jwk' }));
}

function importKey(make: () => KeyObject): Result<KeyObject> {
  try {
    return ok(make());
  } catch (cause) {
    return fail('invalid', 'The key is not a usable RSA or EC key in JWK form.', { cause });
  }
}

/** Only what may be published: never d, p, q, dp, dq, qi, oth or k. */
export function publicJwk(jwk: Jwk): Jwk {
  const shown: Jwk = { kty: jwk.kty };
  for (const member of ['kid', 'alg', 'use', 'n', 'e', 'crv', 'x', 'y']) {
    if (jwk[member] !== undefined) shown[member] = jwk[member];
  }
  return shown;
}

/**
 * Signs claims as they are. The caller sets `iat` and `exp` from its clock; the library adds an `iat` of its own only when there is none.
 */
export function signJwt(
  claims: JwtClaims,
  options: { key: KeyObject; algorithm: Algorithm; kid: string; typ?: string; jku?: string },
): string {
  const header: jwt.JwtHeader = { alg: options.algorithm, typ: options.typ ?? 'JWT', kid: options.kid };
  if (options.jku !== undefined) header.jku = options.jku;
  return jwt.sign(claims, options.key, { algorithm: options.algorithm, header });
}

/**
 * The same signature, made beside the main thread: an RSA signature takes a millisecond, in which nothing else would be answered. RS256
 * only; the caller sets every claim.
 */
export function signJwtAside(
  claims: JwtClaims,
  options: { key: KeyObject; kid: string; typ?: string },
): Promise<string> {
  const header = { alg: 'RS256', typ: options.typ ?? 'JWT', kid: options.kid };
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return new Promise((resolve, reject) => {
    sign('sha256', Buffer.from(signed), options.key, (fault, signature) =>
      fault ? reject(fault) : resolve(`${signed}.${signature.toString('base64url')}`),
    );
  });
}

/** Reads a token WITHOUT verifying it: only to find out which key to verify it with. Undefined when it is no JWT. */
export function peekJwt(token: string): { header: JwtHeader; claims: JwtClaims } | undefined {
  if (token.length > limits.auth.jwtBytes || !/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return undefined;
  try {
    const [head, body] = token.split('.');
    const header = readPart(head);
    const claims = readPart(body);
    if (!header || !claims || typeof header.alg !== 'string') return undefined;
    for (const name of ['kid', 'typ', 'jku']) {
      if (header[name] !== undefined && typeof header[name] !== 'string') return undefined;
    }
    return { header: { ...header, alg: header.alg }, claims };
  } catch {
    return undefined;
  }
}

function readPart(part: string | undefined): Record<string, unknown> | undefined {
  const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
  return isRecord(value) ? value : undefined;
}

export interface VerifyOptions {
  key: KeyObject;
  algorithms: readonly Algorithm[];
  now: Date;
  /** Tolerance for `nbf`; `exp` has none. */
  skewSeconds?: number;
  issuer?: string;
  /** Must be the one and only audience: a list is refused (audience injection against several servers). */
  audience?: string;
  /** Must equal the header's `typ`, case aside (RFC 9068 for access tokens). */
  typ?: string;
}

/**
 * Verifies signature, algorithm, `exp` (required), `nbf`, issuer and audience. One text for every failure: a caller must not
 * learn which part was wrong; the reason is in `cause`, for the log.
 */
export function verifyJwt(token: string, options: VerifyOptions): Result<JwtClaims> {
  const refuse = (cause: unknown) => fail('unauthorized', 'The token is not valid.', { cause });
  const seen = peekJwt(token);
  if (!seen) return refuse('malformed');
  // `crit` names extensions that must be understood (RFC 7515, 4.1.11): we understand none.
  if (seen.header.crit !== undefined || seen.header.b64 !== undefined) return refuse('crit');
  if (options.typ !== undefined && seen.header.typ?.toLowerCase() !== options.typ) return refuse('typ');
  const nowSeconds = Math.floor(options.now.getTime() / 1000);
  try {
    jwt.verify(token, options.key, {
      algorithms: [...options.algorithms],
      clockTimestamp: nowSeconds,
      clockTolerance: 0,
      ignoreNotBefore: true,
    });
  } catch (cause) {
    return refuse(cause);
  }
  const { claims } = seen;
  if (typeof claims.exp !== 'number') return refuse('exp');
  if (
    claims.nbf !== undefined &&
    !(typeof claims.nbf === 'number' && claims.nbf <= nowSeconds + (options.skewSeconds ?? 0))
  )
    return refuse('nbf');
  if (options.issuer !== undefined && claims.iss !== options.issuer) return refuse('iss');
  if (options.audience !== undefined && claims.aud !== options.audience) return refuse('aud');
  return ok(claims);
}

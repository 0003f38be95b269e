import { createHash, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { type Algorithm, type Jwk, publicJwk } from './jwt.ts';

const generate = promisify(generateKeyPair);

export interface KeyPair {
  algorithm: Algorithm;
  kid: string;
  /** With its private members: for storage under 0600 or in the key table, never for publishing. */
  privateJwk: Jwk;
  publicJwk: Jwk;
}

/**
 * A new key pair in JWK form: ES384 for a client towards another server, RS256 for what our own server signs
 * (OpenID Connect wants RS256). Its kid is the RFC 7638 thumbprint, so the same key never has two names.
 */
export async function generateKeys(algorithm: Algorithm): Promise<KeyPair> {
  const pair =
    algorithm === 'ES384'
      ? await generate('ec', { namedCurve: 'P-384' })
      : await generate('rsa', { modulusLength: 2048, publicExponent: 0x10001 });
  const exported = pair.privateKey.export({ format: 'jwk' });
  const bare: Jwk = { ...exported, kty: algorithm === 'ES384' ? 'EC' : 'RSA' };
  const kid = thumbprint(bare);
  const privateJwk: Jwk = { ...bare, kid, alg: algorithm, use: 'sig' };
  return { algorithm, kid, privateJwk, publicJwk: publicJwk(privateJwk) };
}

/** RFC 7638: SHA-256 over the required members in lexical order, base64url. */
export function thumbprint(jwk: Jwk): string {
  const members = jwk.kty === 'EC' ? ['crv', 'kty', 'x', 'y'] : ['e', 'kty', 'n'];
  const text = JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])));
  return createHash('sha256').update(text).digest('base64url');
}

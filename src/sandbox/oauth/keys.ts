import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Algorithm,
  importPrivateKey,
  type Jwk,
  type JwtClaims,
  parseJwk,
  publicJwk,
  signJwt,
} from '../../base/jwt.ts';
import { generateKeys } from '../../base/keys.ts';

/** A hospital's signing keys: RS256 for id tokens (OpenID Connect), ES384 for what it sends to CDS services. */
export interface HospitalKeys {
  jwks(): { keys: Jwk[] };
  signIdToken(claims: JwtClaims): string;
  signForCds(claims: JwtClaims, jku: string): string;
}

function readKept(file: string | undefined): Jwk[] {
  if (!file) return [];
  try {
    const kept: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(kept) ? kept.map(parseJwk).filter((key) => key !== undefined) : [];
  } catch {
    // Absent at the first start; unreadable keys are simply replaced: nothing here outlives an hour.
    return [];
  }
}

function signer(jwk: Jwk, algorithm: Algorithm): (claims: JwtClaims, jku?: string) => string {
  const key = importPrivateKey(jwk);
  if (!key.ok) throw new Error('A signing key of the sandbox is not usable; delete the state folder.');
  return (claims, jku) =>
    signJwt(claims, { key: key.value, algorithm, kid: String(jwk.kid), ...(jku !== undefined && { jku }) });
}

/** The keys of a hospital, kept in `<stateDir>/<hospital>.keys.json` so that a restart does not change them. */
export async function openKeys(hospitalId: string, stateDir: string | undefined): Promise<HospitalKeys> {
  const file = stateDir && join(stateDir, `${hospitalId}.keys.json`);
  const kept = readKept(file);
  const make = async (algorithm: Algorithm) =>
    kept.find((key) => key.alg === algorithm && key.d !== undefined) ?? (await generateKeys(algorithm)).privateJwk;
  const [forIdTokens, forCds] = await Promise.all([make('RS256'), make('ES384')]);
  if (file && kept.length < 2) writeFileSync(file, JSON.stringify([forIdTokens, forCds]), { mode: 0o600 });
  const idToken = signer(forIdTokens, 'RS256');
  const cds = signer(forCds, 'ES384');
  return {
    jwks: () => ({ keys: [publicJwk(forIdTokens), publicJwk(forCds)] }),
    signIdToken: (claims) => idToken(claims),
    signForCds: (claims, jku) => cds(claims, jku),
  };
}

import { type JwtClaims, signJwtAside } from '../base/jwt.ts';
import { limits } from '../base/limits.ts';
import { subjectOf } from './access-token.ts';
import type { AuthRoom } from './room.ts';
import type { CodeGrant } from './types.ts';

/** SC-090, SC-091: who is signed in, for the app. RS256; fhirUser as the absolute URL at our FHIR base, when granted. */
export async function signIdToken(grant: CodeGrant, room: AuthRoom): Promise<string> {
  const { kid, key } = await room.signingKeys.current();
  const iat = Math.floor(room.clock.now().getTime() / 1000);
  const claims: JwtClaims = {
    iss: room.publicUrl,
    sub: subjectOf(grant.fhirUser),
    aud: grant.clientId,
    iat,
    exp: iat + limits.auth.accessTokenSeconds,
  };
  if (grant.nonce !== undefined) claims.nonce = grant.nonce;
  if (grant.authTime !== undefined) claims.auth_time = grant.authTime;
  if (grant.scopes.special.includes('fhirUser')) claims.fhirUser = `${room.fhirBaseUrl}/${grant.fhirUser}`;
  return signJwtAside(claims, { key, kid });
}

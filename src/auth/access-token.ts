import { formatScopes, parseScopes, type ScopeSet } from '../access/scopes.ts';
import type { Principal } from '../access/types.ts';
import type { Clock } from '../base/clock.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import { newId, stableId } from '../base/ids.ts';
import { type JwtClaims, peekJwt, signJwt, verifyJwt } from '../base/jwt.ts';
import { limits } from '../base/limits.ts';
import { createRememberedTokens, type RememberedToken, type RememberedTokens } from './remembered-tokens.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { Standing } from './standing.ts';

/** What goes into one access token. */
export interface AccessGrant {
  clientId: string;
  scopes: ScopeSet;
  lifeSeconds: number;
  /** Set when a person is behind it. */
  fhirUser?: string;
  patientId?: string;
  grantId?: string;
}

export interface AccessTokens {
  issue(grant: AccessGrant): Promise<string>;
  /** The principal behind an Authorization header; `unauthorized` with one text for every failure. */
  verifyBearer(header: string | undefined): Promise<Result<Principal>>;
}

interface Deps {
  keys: SigningKeys;
  standing: Standing;
  clock: Clock;
  issuer: string;
  audience: string;
  resourceTypes: ReadonlySet<string>;
}

/** A person's subject: stable, and tells nothing (SC-090). Never equal to a client_id, which is no version 5 UUID. */
export function subjectOf(fhirUser: string): string {
  return stableId('subject', fhirUser);
}

/** Access tokens as signed JWTs (RFC 9068), checked on every request against the client's and the grant's standing. */
export function createAccessTokens(deps: Deps): AccessTokens {
  const remembered = createRememberedTokens();
  return {
    async issue(grant) {
      const { kid, key } = await deps.keys.current();
      const iat = Math.floor(deps.clock.now().getTime() / 1000);
      const claims: JwtClaims = {
        iss: deps.issuer,
        aud: deps.audience,
        sub: grant.fhirUser === undefined ? grant.clientId : subjectOf(grant.fhirUser),
        client_id: grant.clientId,
        scope: formatScopes(grant.scopes),
        iat,
        exp: iat + grant.lifeSeconds,
        jti: newId(),
      };
      if (grant.fhirUser !== undefined) claims.fhirUser = grant.fhirUser;
      if (grant.patientId !== undefined) claims.patient = grant.patientId;
      if (grant.grantId !== undefined) claims.grant = grant.grantId;
      return signJwt(claims, { key, kid, algorithm: 'RS256', typ: 'at+jwt' });
    },
    async verifyBearer(header) {
      const seen = await verified(header, deps, remembered);
      if (!seen) return refused();
      const good = await deps.standing.holds(seen.principal.clientId, seen.grantId);
      return good ? ok(seen.principal) : refused();
    },
  };
}

function refused() {
  return fail('unauthorized', 'The access token is missing, expired or not valid.');
}

async function verified(
  header: string | undefined,
  deps: Deps,
  remembered: RememberedTokens,
): Promise<RememberedToken | undefined> {
  const token = /^Bearer ([\w~+/.-]+=*)$/i.exec(header ?? '')?.[1];
  if (token === undefined || token.length > limits.auth.jwtBytes) return undefined;
  const now = deps.clock.now();
  const known = remembered.find(token);
  if (known) {
    const holds = known.expires > now.getTime() / 1000 && (await deps.keys.verifying(known.kid)) === known.key;
    return holds ? known : undefined;
  }
  const kid = peekJwt(token)?.header.kid;
  const key = kid === undefined ? undefined : await deps.keys.verifying(kid);
  if (kid === undefined || !key) return undefined;
  const result = verifyJwt(token, {
    key,
    algorithms: ['RS256'],
    typ: 'at+jwt',
    issuer: deps.issuer,
    audience: deps.audience,
    now,
  });
  const principal = result.ok ? principalOf(result.value, deps.resourceTypes) : undefined;
  if (!result.ok || !principal) return undefined;
  const { grant, exp } = result.value;
  const found = { principal: Object.freeze(principal), grantId: textOf(grant), kid, key, expires: Number(exp) };
  remembered.keep(token, found);
  return found;
}

function principalOf(claims: JwtClaims, types: ReadonlySet<string>): Principal | undefined {
  const clientId = textOf(claims.client_id);
  const scope = textOf(claims.scope);
  if (clientId === undefined || scope === undefined || scope.length > limits.auth.jwtBytes) return undefined;
  const scopes = parseScopes(scope, types).resource;
  const fhirUser = textOf(claims.fhirUser);
  const patientId = textOf(claims.patient);
  // A person's token that lost its grant, or the other way round, is none of ours.
  if ((fhirUser === undefined) !== (textOf(claims.grant) === undefined)) return undefined;
  const principal: Principal =
    fhirUser === undefined
      ? { kind: 'client', id: clientId, clientId, scopes }
      : { kind: 'user', id: fhirUser, clientId, scopes, fhirUser };
  if (patientId !== undefined) principal.patientId = patientId;
  return principal;
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim !== '' ? claim : undefined;
}

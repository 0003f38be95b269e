import { formatScopes, parseScopes, type ScopeSet } from '../access/scopes.ts';
import type { Principal, Scope } from '../access/types.ts';
import type { Clock } from '../base/clock.ts';
import { fail, ok, type Result } from '../base/errors.ts';
import { newId, stableId } from '../base/ids.ts';
import { type JwtClaims, peekJwt, signJwtAside, verifyJwt } from '../base/jwt.ts';
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
  /** For what its client asks (codes of v3-PurposeOfUse). */
  purposes?: readonly string[];
}

/** An access token that is good now. */
export interface InspectedToken {
  principal: Principal;
  /** Undefined for a machine's. */
  grantId: string | undefined;
  tokenId: string;
  claims: JwtClaims;
}

export interface AccessTokens {
  /** The token, and its id (`jti`) for the audit trail. */
  issue(grant: AccessGrant): Promise<{ token: string; tokenId: string }>;
  /** The principal behind an Authorization header; `unauthorized` with one text for every failure. */
  verifyBearer(header: string | undefined): Promise<Result<Principal>>;
  /** What a token says, by the same rules; undefined for one that is not good. For introspection and revocation. */
  inspect(token: string): Promise<InspectedToken | undefined>;
}

interface Deps {
  keys: SigningKeys;
  standing: Standing;
  clock: Clock;
  issuer: string;
  audience: string;
  resourceTypes: ReadonlySet<string>;
}

/** A person's subject: stable, and tells nothing (SC-090). Never equal to a client_id, which is no version 5 UUID (TH-10). */
export function subjectOf(fhirUser: string): string {
  return stableId('subject', fhirUser);
}

/** Access tokens as signed JWTs (RFC 9068), checked on every request against the client's and the grant's standing. */
export function createAccessTokens(deps: Deps): AccessTokens {
  const remembered = createRememberedTokens();
  const stands = ({ principal, grantId, tokenId }: RememberedToken) =>
    deps.standing.holds({ clientId: principal.clientId, grantId, tokenId });
  return {
    async issue(grant) {
      const { kid, key } = await deps.keys.current();
      const iat = Math.floor(deps.clock.now().getTime() / 1000);
      const tokenId = newId();
      const claims: JwtClaims = {
        iss: deps.issuer,
        aud: deps.audience,
        sub: grant.fhirUser === undefined ? grant.clientId : subjectOf(grant.fhirUser),
        client_id: grant.clientId,
        scope: formatScopes(grant.scopes),
        iat,
        exp: iat + grant.lifeSeconds,
        jti: tokenId,
      };
      if (grant.fhirUser !== undefined) claims.fhirUser = grant.fhirUser;
      if (grant.patientId !== undefined) claims.patient = grant.patientId;
      if (grant.grantId !== undefined) claims.grant = grant.grantId;
      if (grant.purposes && grant.purposes.length > 0) claims.purpose_of_use = [...grant.purposes];
      return { token: await signJwtAside(claims, { key, kid, typ: 'at+jwt' }), tokenId };
    },
    async verifyBearer(header) {
      const token = /^Bearer ([\w~+/.-]+=*)$/i.exec(header ?? '')?.[1];
      const seen = token === undefined ? undefined : await verified(token, deps, remembered);
      return seen && (await stands(seen)) ? ok(seen.principal) : refused();
    },
    async inspect(token) {
      const seen = await verified(token, deps, remembered);
      const claims = seen && peekJwt(token)?.claims;
      if (!claims || !(await stands(seen))) return undefined;
      const { principal, grantId, tokenId } = seen;
      return { principal, grantId, tokenId, claims };
    },
  };
}

function refused() {
  return fail('unauthorized', 'The access token is missing, expired or not valid.');
}

async function verified(token: string, deps: Deps, remembered: RememberedTokens): Promise<RememberedToken | undefined> {
  if (token.length > limits.auth.jwtBytes) return undefined;
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
  const tokenId = result.ok ? textOf(result.value.jti) : undefined;
  if (!result.ok || !principal || tokenId === undefined) return undefined;
  const { grant, exp } = result.value;
  const found = {
    principal: Object.freeze(principal),
    grantId: textOf(grant),
    tokenId,
    kid,
    key,
    expires: Number(exp),
  };
  remembered.keep(token, found);
  return found;
}

function principalOf(claims: JwtClaims, types: ReadonlySet<string>): Principal | undefined {
  const clientId = textOf(claims.client_id);
  const scope = textOf(claims.scope);
  if (clientId === undefined || scope === undefined || scope.length > limits.auth.jwtBytes) return undefined;
  const { resource, special } = parseScopes(scope, types);
  const fhirUser = textOf(claims.fhirUser);
  const scopes = [...resource, ...(special.includes('fhirUser') ? ownRecord(fhirUser) : [])];
  const patientId = textOf(claims.patient);
  // A person's token that lost its grant, or the other way round, is none of ours.
  if ((fhirUser === undefined) !== (textOf(claims.grant) === undefined)) return undefined;
  // TH-09: a scope for one patient means nothing without the patient, one for a person nothing without the person, and persons never
  // hold a machine's.
  const needs = { patient: patientId, user: fhirUser, system: fhirUser === undefined ? 'machine' : undefined };
  if (scopes.some(({ level }) => needs[level] === undefined)) return undefined;
  const principal: Principal =
    fhirUser === undefined
      ? { kind: 'client', id: clientId, clientId, scopes }
      : { kind: 'user', id: fhirUser, clientId, scopes, fhirUser };
  if (patientId !== undefined) principal.patientId = patientId;
  const tokenId = textOf(claims.jti);
  if (tokenId !== undefined) principal.tokenId = tokenId;
  const purposes = claims.purpose_of_use;
  if (Array.isArray(purposes)) principal.purposes = purposes.filter((code) => typeof code === 'string');
  return principal;
}

/** SC-091: with the scope fhirUser a person's own record can be read, whatever the other scopes say. */
function ownRecord(fhirUser: string | undefined): Scope[] {
  const [, type, id] = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9.-]{1,64})$/.exec(fhirUser ?? '') ?? [];
  if (type === undefined || id === undefined) return [];
  const having = [{ param: '_id', anyOf: [{ code: id }] }];
  return [{ level: 'user', type, interactions: new Set(['r'] as const), having }];
}

function textOf(claim: unknown): string | undefined {
  return typeof claim === 'string' && claim !== '' ? claim : undefined;
}

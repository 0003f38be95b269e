import type { RequestHandler } from 'express';
import { formatScopes, parseScopes } from '../access/scopes.ts';
import { subjectOf } from './access-token.ts';
import { settled } from './checks/exchange.ts';
import { runChecks } from './checks/index.ts';
import { contextKeys } from './context-keys.ts';
import type { AuthRoom } from './room.ts';
import { exchangeOf, neverStored, readTokenRequest, sendRefusal } from './token-request.ts';
import type { Client, Granted } from './types.ts';

/**
 * POST /auth/introspect (RFC 7662; SC-120, SC-121; SMART App Launch 2.2, "Token introspection"). A client that authenticates asks about
 * its own tokens; one with the right to introspect about any. Whatever is not active is answered with that one word.
 */
export function introspectionEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    neverStored(response);
    const read = readTokenRequest(request);
    if ('error' in read) return sendRefusal(request, response, read, room);
    const exchange = exchangeOf(request, 'introspect', read.parameters);
    const refusal = await runChecks(exchange, room);
    if (refusal) return sendRefusal(request, response, refusal, room);
    const token = settled(read.parameters.one('token'), 'token');
    const found = (await ofRefresh(token, room)) ?? (await ofAccess(token, room));
    const asker = settled(exchange.client, 'client');
    response.json(found && mayAsk(asker, found) ? found : { active: false });
  };
}

interface Introspection {
  active: true;
  client_id: string;
  [member: string]: unknown;
}

function mayAsk(asker: Client, found: Introspection): boolean {
  return asker.introspects || asker.id === found.client_id;
}

async function ofAccess(token: string, room: AuthRoom): Promise<Introspection | undefined> {
  const access = await room.tokens.inspect(token);
  if (!access) return undefined;
  const { principal, grantId, claims } = access;
  const scopes = parseScopes(String(claims.scope), room.resourceTypes);
  const grant = grantId === undefined ? undefined : await room.grants.find(grantId);
  const { scope, exp, iat, iss, aud, sub, jti } = claims;
  return {
    active: true,
    client_id: principal.clientId,
    token_type: 'Bearer',
    ...{ scope, exp, iat, iss, aud, sub, jti },
    ...(grant && { ...fhirUserOf(grant, scopes.special, room), ...(await contextKeys(grant, scopes, room)) }),
  };
}

async function ofRefresh(token: string, room: AuthRoom): Promise<Introspection | undefined> {
  const refresh = await room.refreshTokens.look(token);
  const client = refresh?.live ? await room.clients.find(refresh.grant.clientId) : undefined;
  if (!refresh || !client?.active || !(await room.stillHolds(refresh.grant))) return undefined;
  const { grant, issuedAt, expiresAt } = refresh;
  return {
    active: true,
    client_id: grant.clientId,
    scope: formatScopes(grant.scopes),
    iat: Math.floor(issuedAt.getTime() / 1000),
    exp: Math.floor(expiresAt.getTime() / 1000),
    iss: room.publicUrl,
    sub: subjectOf(grant.fhirUser),
    ...fhirUserOf(grant, grant.scopes.special, room),
    ...(await contextKeys(grant, grant.scopes, room)),
  };
}

function fhirUserOf(grant: Granted, special: readonly string[], room: AuthRoom): { fhirUser?: string } {
  return special.includes('fhirUser') ? { fhirUser: `${room.fhirBaseUrl}/${grant.fhirUser}` } : {};
}

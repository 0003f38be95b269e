import type { Request, RequestHandler } from 'express';
import { formatScopes, type ScopeSet } from '../access/scopes.ts';
import { limits } from '../base/limits.ts';
import { type Endpoint, type Exchange, settled } from './checks/exchange.ts';
import { runChecks } from './checks/index.ts';
import { contextKeys } from './context-keys.ts';
import { signIdToken } from './id-token.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { AuthRoom } from './room.ts';
import { exchangeOf, neverStored, readTokenRequest, sendRefusal } from './token-request.ts';
import type { Granted } from './types.ts';

interface Grant {
  endpoint: Endpoint;
  answer(exchange: Exchange, room: AuthRoom): Promise<object>;
}

const grants: Record<string, Grant> = {
  authorization_code: { endpoint: 'code', answer: firstTokens },
  refresh_token: { endpoint: 'refresh', answer: nextTokens },
  client_credentials: { endpoint: 'backend', answer: machineToken },
};

/** The grant_types of the token endpoint, for discovery. */
export const grantTypes: readonly string[] = Object.keys(grants);

/**
 * POST /auth/token (RFC 6749, section 3.2; SMART App Launch 2.2). The body is form-encoded text; success and refusal are JSON and
 * are stored by nobody.
 */
export function tokenEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    neverStored(response);
    const outcome = await answer(request, room);
    if ('error' in outcome) sendRefusal(request, response, outcome, room);
    else response.json(outcome.body);
    await room.sweep();
  };
}

async function answer(request: Request, room: AuthRoom): Promise<{ body: object } | Refusal> {
  const read = readTokenRequest(request);
  if ('error' in read) return read;
  const grantType = read.parameters.one('grant_type');
  if (grantType === undefined) return refuse('invalid_request', 'grant_type is required, once.', 'grant_type');
  const grant = Object.hasOwn(grants, grantType) ? grants[grantType] : undefined;
  if (!grant) return refuse('unsupported_grant_type', 'This grant_type is not supported.');
  const exchange = exchangeOf(request, grant.endpoint, read.parameters);
  const refusal = await runChecks(exchange, room);
  return refusal ?? { body: await grant.answer(exchange, room) };
}

/** SC-142: short-lived, no refresh token, no id_token, no patient. */
async function machineToken(exchange: Exchange, room: AuthRoom): Promise<object> {
  const client = settled(exchange.client, 'client');
  const scopes = settled(exchange.scopes, 'scopes');
  const lifeSeconds = limits.auth.backendTokenSeconds;
  const token = await room.tokens.issue({ clientId: client.id, scopes, lifeSeconds });
  return { access_token: token, token_type: 'Bearer', expires_in: lifeSeconds, scope: formatScopes(scopes) };
}

/** For a code: SC-070 to SC-075, the id_token (SC-090) and the first refresh token (SC-100). */
async function firstTokens(exchange: Exchange, room: AuthRoom): Promise<object> {
  const grant = settled(exchange.grant, 'grant');
  const { special } = grant.scopes;
  const body = await accessToken(grant, grant.scopes, room);
  if (special.includes('openid')) body.id_token = await signIdToken(grant, room);
  if (special.includes('offline_access') || special.includes('online_access'))
    body.refresh_token = await room.refreshTokens.issue(grant);
  return body;
}

/** For a refresh token: SC-101. The next one stands for the whole grant, however narrow this access token is. */
async function nextTokens(exchange: Exchange, room: AuthRoom): Promise<object> {
  const { grant } = settled(exchange.refresh, 'refresh');
  const body = await accessToken(grant, settled(exchange.scopes, 'scopes'), room);
  return { ...body, refresh_token: settled(exchange.nextRefresh, 'nextRefresh') };
}

async function accessToken(grant: Granted, scopes: ScopeSet, room: AuthRoom): Promise<Record<string, unknown>> {
  const { clientId, fhirUser, patientId, grantId } = grant;
  const lifeSeconds = limits.auth.accessTokenSeconds;
  const token = await room.tokens.issue({ clientId, scopes, lifeSeconds, fhirUser, patientId, grantId });
  return {
    access_token: token,
    token_type: 'Bearer',
    expires_in: lifeSeconds,
    scope: formatScopes(scopes),
    ...(await contextKeys(grant, scopes, room)),
  };
}

import type { Request, RequestHandler, Response } from 'express';
import { formatScopes } from '../access/scopes.ts';
import { limits } from '../base/limits.ts';
import { type Exchange, settled } from './checks/exchange.ts';
import { runChecks } from './checks/index.ts';
import { signIdToken } from './id-token.ts';
import { readParameters } from './parameters.ts';
import { type Refusal, refuse, refuseClient } from './refusal.ts';
import type { AuthRoom } from './room.ts';

const endpointOf: Record<string, 'code' | 'backend'> = {
  authorization_code: 'code',
  client_credentials: 'backend',
};

/**
 * POST /auth/token (RFC 6749, section 3.2; SMART App Launch 2.2). The body is form-encoded text; success and refusal are JSON and
 * are stored by nobody.
 */
export function tokenEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
    const outcome = await answer(request, room);
    if ('error' in outcome) sendRefusal(response, outcome, room);
    else response.json(outcome.body);
    await room.sweep();
  };
}

async function answer(request: Request, room: AuthRoom): Promise<{ body: object } | Refusal> {
  // SC-079: URLs are written to logs along the way; nothing of a token request belongs there.
  if (request.originalUrl.includes('?')) return refuse('invalid_request', 'Parameters belong in the body.', 'query');
  if (typeof request.body !== 'string') {
    return refuse('invalid_request', 'The body must be application/x-www-form-urlencoded.', 'content type');
  }
  if (request.headers.authorization !== undefined) return refuseClient('authorization header');
  const parameters = readParameters(request.body);
  const grantType = parameters.one('grant_type');
  if (grantType === undefined) return refuse('invalid_request', 'grant_type is required, once.', 'grant_type');
  const endpoint = Object.hasOwn(endpointOf, grantType) ? endpointOf[grantType] : undefined;
  if (!endpoint) return refuse('unsupported_grant_type', 'This grant_type is not supported.');
  const exchange: Exchange = { endpoint, parameters };
  const refusal = await runChecks(exchange, room);
  if (refusal) return refusal;
  return { body: endpoint === 'backend' ? await machineToken(exchange, room) : await personToken(exchange, room) };
}

/** SC-142: short-lived, no refresh token, no id_token, no patient. */
async function machineToken(exchange: Exchange, room: AuthRoom): Promise<object> {
  const client = settled(exchange.client, 'client');
  const scopes = settled(exchange.scopes, 'scopes');
  const lifeSeconds = limits.auth.backendTokenSeconds;
  const token = await room.tokens.issue({ clientId: client.id, scopes, lifeSeconds });
  return { access_token: token, token_type: 'Bearer', expires_in: lifeSeconds, scope: formatScopes(scopes) };
}

/** SC-070 to SC-074. */
async function personToken(exchange: Exchange, room: AuthRoom): Promise<object> {
  const grant = settled(exchange.grant, 'grant');
  const { clientId, scopes, fhirUser, patientId, grantId } = grant;
  const lifeSeconds = limits.auth.accessTokenSeconds;
  const token = await room.tokens.issue({ clientId, scopes, lifeSeconds, fhirUser, patientId, grantId });
  const body: Record<string, unknown> = {
    access_token: token,
    token_type: 'Bearer',
    expires_in: lifeSeconds,
    scope: formatScopes(scopes),
  };
  if (patientId !== undefined) {
    body.patient = patientId;
    body.need_patient_banner = grant.needPatientBanner;
  }
  if (scopes.special.includes('openid')) body.id_token = await signIdToken(grant, room);
  return body;
}

function sendRefusal(response: Response, refusal: Refusal, room: AuthRoom): void {
  room.log.info({ reason: refusal.reason }, 'token request refused');
  response
    .status(refusal.error === 'invalid_client' ? 401 : 400)
    .json({ error: refusal.error, error_description: refusal.description });
}

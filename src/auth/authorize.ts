import type { Request, RequestHandler, Response } from 'express';
import { type Exchange, settled } from './checks/exchange.ts';
import { runChecks } from './checks/index.ts';
import { readCookie, sessionCookie } from './cookies.ts';
import { sendPage } from './page.ts';
import { queryText, readParameters } from './parameters.ts';
import type { Refusal } from './refusal.ts';
import type { AuthRoom } from './room.ts';
import type { CodeGrant } from './types.ts';

/**
 * GET and POST /auth/authorize (SC-030 to SC-039). First-party apps ask for no consent; an app of somebody else's is refused until there is
 * a consent screen.
 */
export function authorizeEndpoint(room: AuthRoom): RequestHandler {
  return async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache', 'Referrer-Policy': 'no-referrer' });
    const exchange: Exchange = {
      endpoint: 'authorize',
      parameters: readParameters(parameterText(request)),
      sessionCookie: readCookie(request, sessionCookie),
    };
    const refusal = await runChecks(exchange, room);
    if (refusal) sendRefusal(response, exchange, refusal, room);
    else sendBack(response, exchange, room, { code: await room.codes.create(grantOf(exchange)) });
    await room.sweep();
  };
}

function parameterText(request: Request): string {
  if (request.method === 'POST') return typeof request.body === 'string' ? request.body : '';
  return queryText(request.originalUrl);
}

function grantOf(exchange: Exchange): Omit<CodeGrant, 'grantId'> {
  const { parameters, launch } = exchange;
  const grant: Omit<CodeGrant, 'grantId'> = {
    clientId: settled(exchange.client, 'client').id,
    redirectUri: settled(exchange.redirectUri, 'redirectUri'),
    codeChallenge: settled(parameters.one('code_challenge'), 'code_challenge'),
    needPatientBanner: launch?.needPatientBanner ?? true,
    fhirUser: settled(exchange.session, 'session').fhirUser,
    scopes: settled(exchange.scopes, 'scopes'),
  };
  const nonce = parameters.one('nonce');
  if (nonce !== undefined) grant.nonce = nonce;
  if (launch) grant.patientId = launch.patientId;
  return grant;
}

function sendRefusal(response: Response, exchange: Exchange, refusal: Refusal, room: AuthRoom): void {
  room.log.info({ reason: refusal.reason }, 'authorize request refused');
  if (exchange.redirectUri === undefined) {
    sendPage(response, { status: 400, title: 'This app cannot be opened', text: refusal.description });
    return;
  }
  sendBack(response, exchange, room, { error: refusal.error, error_description: refusal.description });
}

/** To the trusted redirect URI, with the app's state as it came and our issuer (RFC 9207: no mix-up of servers). */
function sendBack(response: Response, exchange: Exchange, room: AuthRoom, answer: Record<string, string>): void {
  const target = new URL(settled(exchange.redirectUri, 'redirectUri'));
  for (const [name, value] of Object.entries(answer)) target.searchParams.append(name, value);
  const state = exchange.parameters.one('state');
  if (state !== undefined) target.searchParams.append('state', state);
  target.searchParams.append('iss', room.publicUrl);
  response.status(302).set('Location', target.href).end();
}

import type { Request, Response } from 'express';
import type { Endpoint, Exchange } from './checks/exchange.ts';
import { type Parameters, readParameters } from './parameters.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { AuthRoom } from './room.ts';

/**
 * What token, revocation and introspection have in common: a form in a POST body (RFC 6749, section 3.2; RFC 7009; RFC 7662), answered as
 * JSON that nobody stores.
 */
export function readTokenRequest(request: Request): { parameters: Parameters } | Refusal {
  // SC-079: URLs are written to logs along the way; nothing of a token request belongs there.
  if (request.originalUrl.includes('?')) return refuse('invalid_request', 'Parameters belong in the body.', 'query');
  if (typeof request.body !== 'string') {
    return refuse('invalid_request', 'The body must be application/x-www-form-urlencoded.', 'content type');
  }
  return { parameters: readParameters(request.body) };
}

export function exchangeOf(request: Request, endpoint: Endpoint, parameters: Parameters): Exchange {
  const { authorization } = request.headers;
  return { endpoint, parameters, ...(authorization !== undefined && { authorization }) };
}

/** SC-078: invalid_client is 401, and says how to do better where the header was used; everything else is 400. */
export function sendRefusal(request: Request, response: Response, refusal: Refusal, room: AuthRoom): void {
  room.log.info({ reason: refusal.reason }, 'token request refused');
  const unknown = refusal.error === 'invalid_client';
  const scheme = /^(Basic|Bearer)\b/i.exec(request.headers.authorization ?? '')?.[1];
  if (unknown && scheme) response.set('WWW-Authenticate', `${scheme} realm="careweave"`);
  response.status(unknown ? 401 : 400).json({ error: refusal.error, error_description: refusal.description });
}

export function neverStored(response: Response): void {
  response.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' });
}

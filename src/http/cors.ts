import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { WebOrigins } from '../auth/origins.ts';
import { limits } from '../base/limits.ts';

/** What anybody may read: discovery, metadata, keys, brands. Nothing about a person (SC-020, SC-093, SC-180). */
const open = /^\/(\.well-known\/.*|fhir\/\.well-known\/.*|(fhir|app-state)\/metadata\/?|brands(\/.*)?)$/i;
/** What a client reads with its own token, or to get one. */
const ofClients = /^\/((fhir|app-state)(\/.*)?|auth\/(token|introspect|revoke)\/?)$/i;

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE';
const accepted = [
  'Authorization',
  'Content-Type',
  'Accept',
  'If-Match',
  'If-None-Match',
  'If-None-Exist',
  'If-Modified-Since',
  'Prefer',
  'X-Request-Id',
  'X-Provenance',
].join(', ');
const exposed = [
  'Location',
  'Content-Location',
  'ETag',
  'Last-Modified',
  'Retry-After',
  'X-Progress',
  'X-Request-Id',
  'WWW-Authenticate',
].join(', ');

/**
 * CORS by the address that is asked, before anything can go wrong, so that refusals can be read too: any origin for what is open, the
 * origins of registered clients for tokens and FHIR, nothing for pages. Credentials (cookies) are never allowed: SC-022. Once the client
 * is known, `keepForClient` takes back what was allowed for another one.
 */
export function cors(origins: WebOrigins): RequestHandler {
  const withOrigin = async (request: Request, response: Response, next: NextFunction): Promise<void> => {
    const { origin } = request.headers;
    if (open.test(request.path)) response.setHeader('Access-Control-Allow-Origin', '*');
    else if (origin === undefined || !ofClients.test(request.path)) return next();
    else {
      response.vary('Origin');
      if ((await origins.registered()).has(origin)) response.setHeader('Access-Control-Allow-Origin', origin);
    }
    const allowed = response.hasHeader('Access-Control-Allow-Origin');
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined) {
      if (allowed) answerPreflight(response);
      response.status(204).end();
      return;
    }
    if (allowed) response.setHeader('Access-Control-Expose-Headers', exposed);
    return next();
  };
  return (request, response, next) => {
    const isOfNobody = request.headers.origin === undefined && !open.test(request.path);
    return isOfNobody ? next() : withOrigin(request, response, next);
  };
}

function answerPreflight(response: Response): void {
  response.setHeader('Access-Control-Allow-Methods', methods);
  response.setHeader('Access-Control-Allow-Headers', accepted);
  response.setHeader('Access-Control-Max-Age', String(limits.http.preflightSeconds));
}

/** For an answer whose client is known now: another client's origin is not to read it. */
export async function keepForClient(origins: WebOrigins, response: Response, clientId: string): Promise<void> {
  const allowed = response.getHeader('Access-Control-Allow-Origin');
  if (typeof allowed !== 'string' || allowed === '*') return;
  if (!(await origins.ofClient(clientId)).has(allowed)) response.removeHeader('Access-Control-Allow-Origin');
}

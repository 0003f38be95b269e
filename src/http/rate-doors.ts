import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Logger } from '../base/log.ts';
import { sendError } from './errors.ts';
import type { RateLimits, RateName } from './rate-limit.ts';

/** Which limit holds for the addresses that are asked before anybody is known. The first that fits. */
const doors: readonly (readonly [RegExp, RateName])[] = [
  [/^\/auth\/token\/?$/i, 'token'],
  [/^\/auth\/(introspect|revoke)\/?$/i, 'introspect'],
  [/^\/auth\/(sign-in|second-factor|set-up|enrol|account|upstream)/i, 'sign-in'],
  [/^\/(auth|launch)(\/|$)/i, 'authorize'],
  [/^\/cds-services(\/|$)/i, 'hooks'],
  [/^\/shl(\/|$)/i, 'sign-in'],
  [/^\/(\.well-known|brands|admin)(\/|$)/i, 'open'],
  [/^\/(fhir|app-state)\/(metadata|\.well-known)(\/|$)/i, 'open'],
];

/** Counts requests by address where nobody has said yet who asks; refuses in the form that the asker reads, and has that told (`throttled`). */
export function rateDoors(
  rates: RateLimits,
  log: Logger,
  throttled: (name: RateName, request: Request) => Promise<void>,
): RequestHandler {
  let isTold = false;
  const counted = async (name: RateName, request: Request, response: Response, next: NextFunction): Promise<void> => {
    const full = await rates.ofAddress(name, request);
    if (!full) return next();
    await throttled(name, request);
    response.setHeader('Cache-Control', 'no-store');
    if (name === 'token' || name === 'introspect') sendOAuthError(response, full.error.retryAfterSeconds);
    else if (/^\/(auth|launch)/i.test(request.path)) sendWaitPage(response, full.error.retryAfterSeconds);
    else sendError(response, full.error, log);
  };
  return (request, response, next) => {
    if (!isTold && comesByStranger(request)) {
      isTold = true;
      log.warn(
        'X-Forwarded-For comes from an address that is not in TRUSTED_PROXIES: all who come by it are counted as one',
      );
    }
    const name = doors.find(([path]) => path.test(request.path))?.[1];
    return name === undefined ? next() : counted(name, request, response, next);
  };
}

/** Whoever says for whom it asks, and is not believed: a proxy that was not named, or somebody who tries. */
function comesByStranger(request: Request): boolean {
  return request.headers['x-forwarded-for'] !== undefined && request.ip === request.socket.remoteAddress;
}

/** RFC 6749 has no word for it; RFC 6585 has the status. */
function sendOAuthError(response: Response, seconds = 1): void {
  response.status(429).set('Retry-After', String(seconds));
  response.json({ error: 'temporarily_unavailable', error_description: `Too many requests: wait ${seconds} s.` });
}

function sendWaitPage(response: Response, seconds = 1): void {
  response.status(429).set('Retry-After', String(seconds)).type('text/plain');
  response.send(`Too many requests came from your network. Wait ${seconds} seconds and try again.\n`);
}

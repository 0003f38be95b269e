import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Security headers for every answer, as helmet makes them. They depend on nothing in the request, so they are made once and
 * again only when the origins that may show us in a frame have changed: a dozen functions a request would tell the same.
 * `isHttps`: browsers are told to come by https only (SC-023); over http, on a developer's machine, they are not.
 */
export function secureHeaders(frameOrigins: () => readonly string[], isHttps: boolean): RequestHandler {
  let made: { origins: string; headers: readonly [string, string][] } | undefined;
  return (_request, response, next) => {
    const origins = frameOrigins().join(' ');
    if (made?.origins !== origins) made = { origins, headers: headersFor(origins, isHttps) };
    for (const [name, value] of made.headers) response.setHeader(name, value);
    return next();
  };
}

/** What helmet sets on an answer. Throws when an origin cannot stand in a Content-Security-Policy. */
function headersFor(origins: string, isHttps: boolean): [string, string][] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  const set = helmet({
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        formAction: null,
        frameAncestors: ["'self'", () => origins],
        upgradeInsecureRequests: null,
      },
    },
    strictTransportSecurity: isHttps ? { maxAge: 31_536_000, includeSubDomains: true } : false,
    frameguard: false,
    crossOriginOpenerPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
  });
  set(request, response, (fault) => {
    if (fault) throw fault;
  });
  return Object.entries(response.getHeaders()).map(([name, value]) => [properCase(name), String(value)]);
}

/** `content-security-policy` → `Content-Security-Policy`: Node hands names back in lower case. */
function properCase(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_whole, dash: string, letter: string) => dash + letter.toUpperCase());
}

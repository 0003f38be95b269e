import type { NextFunction, Request, Response } from 'express';
import type { CareError, ErrorKind } from '../base/errors.ts';
import { faultOf, type Logger } from '../base/log.ts';
import { stringifyJson } from '../fhir/json.ts';
import { operationOutcome } from '../fhir/outcome.ts';
import { busyOf } from '../store/busy.ts';

/** The one table that turns an error kind into an HTTP status. See docs/decisions/errors.md for 401, 403 and 404. */
const statusOf: Record<ErrorKind, number> = {
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'not-allowed': 405,
  conflict: 409,
  gone: 410,
  'not-acceptable': 406,
  precondition: 412,
  'too-large': 413,
  'unsupported-media': 415,
  unprocessable: 422,
  busy: 503,
  internal: 500,
};

export function statusFor(error: CareError): number {
  return error.kind === 'busy' && error.issues[0]?.code === 'throttled' ? 429 : statusOf[error.kind];
}

/** Sends an error as an OperationOutcome. The cause goes to the log, never to the client. `scope`: what would have been enough. */
export function sendError(response: Response, error: CareError, log: Logger, scope?: string): void {
  const status = statusFor(error);
  if (status >= 500) log.error({ kind: error.kind, err: faultOf(error.cause) }, 'request failed');
  if (error.retryAfterSeconds !== undefined) response.set('Retry-After', String(error.retryAfterSeconds));
  // RFC 9110, 15.5.6: a 405 says what is allowed.
  if (error.methods) response.set('Allow', error.methods.join(', '));
  if (status === 401) response.set('WWW-Authenticate', 'Bearer error="invalid_token"');
  if (status === 403)
    response.set('WWW-Authenticate', `Bearer error="insufficient_scope"${scope ? `, scope="${scope}"` : ''}`);
  response
    .status(status)
    .type('application/fhir+json')
    .send(stringifyJson(operationOutcome(error.issues)));
}

/** The last middleware: anything thrown below is a fault, or express refusing a body. */
export function faultHandler(log: Logger) {
  return (fault: unknown, _request: Request, response: Response, _next: NextFunction): void => {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendError(response, errorOfFault(fault), log);
  };
}

function errorOfFault(fault: unknown): CareError {
  const busy = busyOf(fault);
  if (busy) return busy;
  const kind = fault instanceof Error && 'type' in fault ? String(fault.type) : '';
  if (kind === 'entity.too.large') return one('too-large', 'The body is larger than this server accepts.');
  if (kind === 'encoding.unsupported') return one('unsupported-media', 'The Content-Encoding is not supported.');
  if (kind.startsWith('entity.') || kind === 'request.aborted' || kind === 'request.size.invalid') {
    return one('invalid', 'The body could not be read.');
  }
  // What zlib says of a body that is not what its Content-Encoding says has a status but no type.
  const status = fault instanceof Error && 'status' in fault ? Number(fault.status) : 500;
  if (status >= 400 && status < 500) return one('invalid', 'The body could not be read.');
  // A Content-Encoding that the bytes do not keep to: zlib's error, with the status of body-parser.
  if (fault instanceof Error && 'status' in fault && fault.status === 400)
    return one('invalid', 'The body could not be read.');
  if (fault instanceof URIError) return one('invalid', 'The URL is not correctly encoded.');
  return { ...one('internal', 'An error happened in the server; it has been logged.'), cause: fault };
}

function one(kind: ErrorKind, text: string): CareError {
  const code = kind === 'internal' ? 'exception' : kind === 'too-large' ? 'too-costly' : 'structure';
  return { kind, issues: [{ code, text }] };
}

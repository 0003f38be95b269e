/**
 * Errors are values. Inner layers return a `CareError` and know nothing of HTTP; `http/errors.ts` alone
 * turns a kind into a status and an OperationOutcome. `text` is what a client may read and never holds a
 * person's data or a value the client sent about a person; `cause` is for the log only.
 */
export type ErrorKind =
  | 'invalid' // the request or resource is malformed: 400
  | 'unauthorized' // no or bad credentials: 401
  | 'forbidden' // known caller, not allowed: 403
  | 'not-found' // absent, or the caller may not know it exists: 404
  | 'not-allowed' // the interaction is not offered here: 405
  | 'not-acceptable' // no form of answer that the caller takes: 406
  | 'conflict' // another change was there first: 409
  | 'gone' // deleted: 410
  | 'precondition' // If-Match or conditional criteria not met: 412
  | 'too-large' // a named limit was passed: 413
  | 'unsupported-media' // 415
  | 'unprocessable' // well formed, but a rule refuses it: 422
  | 'busy' // try again later: 429 / 503
  | 'internal'; // a fault: 500

/** One problem, in FHIR's own vocabulary (R4 OperationOutcome.issue). */
export interface Issue {
  /** FHIR IssueType code, e.g. `not-found`, `value`, `required`, `business-rule`. */
  code: string;
  text: string;
  /** FHIRPath locations, e.g. `CarePlan.activity[0].detail`. */
  expression?: string[];
  severity?: 'fatal' | 'error' | 'warning' | 'information';
}

export interface CareError {
  kind: ErrorKind;
  issues: Issue[];
  cause?: unknown;
  /** For `not-allowed`: the methods that this address has. */
  methods?: readonly string[];
  /** Seconds after which a `busy` caller may try again. */
  retryAfterSeconds?: number;
}

export type Ok<T> = { ok: true; value: T };
export type Err = { ok: false; error: CareError };
export type Result<T> = Ok<T> | Err;

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

const defaultIssueCode: Record<ErrorKind, string> = {
  invalid: 'invalid',
  unauthorized: 'login',
  forbidden: 'forbidden',
  'not-found': 'not-found',
  'not-allowed': 'not-supported',
  'not-acceptable': 'not-supported',
  conflict: 'conflict',
  gone: 'deleted',
  precondition: 'conflict',
  'too-large': 'too-costly',
  'unsupported-media': 'not-supported',
  unprocessable: 'processing',
  busy: 'throttled',
  internal: 'exception',
};

/** Makes an error with one issue. `code` defaults to the FHIR issue code that fits the kind. */
export function fail(
  kind: ErrorKind,
  text: string,
  extra: { code?: string; expression?: string[]; cause?: unknown; retryAfterSeconds?: number } = {},
): Err {
  const issue: Issue = { code: extra.code ?? defaultIssueCode[kind], text };
  if (extra.expression) issue.expression = extra.expression;
  const error: CareError = { kind, issues: [issue] };
  if (extra.cause !== undefined) error.cause = extra.cause;
  if (extra.retryAfterSeconds !== undefined) error.retryAfterSeconds = extra.retryAfterSeconds;
  return { ok: false, error };
}

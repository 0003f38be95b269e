import type { OutboundError } from '../../base/guarded-fetch.ts';
import { parseJson } from '../../fhir/json.ts';
import { isShape, shapes, textOf } from '../shape.ts';

/**
 * Why a site did not do what we asked, reduced to what we do about it. Keyed on status and OperationOutcome issue codes, never
 * on message text. Fit for logs and status pages: no text of the site is kept.
 */
type FailureClass =
  | 'required' // the search lacks a parameter the site insists on: fan out
  | 'refused' // 400, 422: our request or data is wrong for this site
  | 'credentials' // 401 after a fresh token: ends the run
  | 'not-granted' // 403: this type is not ours to see
  | 'missing' // 404, 410
  | 'stale' // 409, 412: someone was faster
  | 'later' // 429, 503: definitely not done, try again
  | 'unknown' // no answer or a 5xx: it may have been done
  | 'blocked' // our own guard refused to go there
  | 'malformed'; // an answer that is not FHIR JSON

export interface EhrFailure {
  class: FailureClass;
  status?: number;
  retryAfterSeconds?: number;
}

/** Failures that end a whole run: our credentials are refused, or the site has had enough of us for now. */
export function endsRun(failure: EhrFailure | undefined): boolean {
  return failure?.class === 'credentials' || failure?.status === 429;
}

const byStatus: Record<number, FailureClass> = {
  401: 'credentials',
  403: 'not-granted',
  404: 'missing',
  409: 'stale',
  410: 'missing',
  412: 'stale',
  429: 'later',
  503: 'later',
};

export function classify(error: OutboundError): EhrFailure {
  const failure: EhrFailure = { class: classOf(error) };
  if (error.status !== undefined) failure.status = error.status;
  if (error.retryAfterSeconds !== undefined) failure.retryAfterSeconds = error.retryAfterSeconds;
  return failure;
}

function classOf(error: OutboundError): FailureClass {
  if (error.class === 'blocked' || error.class === 'too-large') return 'blocked';
  if (error.status === undefined) return 'unknown';
  const known = byStatus[error.status];
  if (known) return known;
  if (error.status >= 500 || error.status === 408) return 'unknown';
  return issueCodes(error.body).includes('required') ? 'required' : 'refused';
}

/** Issue codes of an OperationOutcome in text form; none for anything else (an HTML error page, say). */
function issueCodes(body: string | undefined): string[] {
  try {
    const outcome = parseJson(body ?? '');
    if (!isShape(outcome) || outcome.resourceType !== 'OperationOutcome') return [];
    return shapes(outcome.issue).flatMap((issue) => textOf(issue.code) ?? []);
  } catch {
    return [];
  }
}

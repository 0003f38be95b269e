import type { ErrorKind } from '../../base/errors.ts';
import type { EhrFailure } from './failure.ts';

const says: Record<EhrFailure['class'], string> = {
  required: 'insists on more search parameters',
  refused: 'refused the request',
  credentials: 'refused our credentials: check the client id, its registered key and the scopes',
  'not-granted': 'did not grant it: check the scopes',
  missing: 'does not have it',
  stale: 'has a newer version',
  later: 'asks to try again later',
  unknown: 'did not answer properly',
  blocked: 'is at an address this server may not call, or sent too large an answer',
  malformed: 'answered with something that is not FHIR JSON',
};

/** Arguments for `fail`: one sentence for an operator, without anything the site said. */
export function siteError(failure: EhrFailure, what: string): [kind: ErrorKind, text: string] {
  const status = failure.status === undefined ? '' : ` (status ${failure.status})`;
  const kind = failure.class === 'later' || failure.class === 'unknown' ? 'busy' : 'unprocessable';
  return [kind, `Reading ${what}: the site ${says[failure.class]}${status}.`];
}

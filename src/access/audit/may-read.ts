import { fail, ok, type Result } from '../../base/errors.ts';
import type { Sql } from '../../store/types.ts';
import { may } from '../decide.ts';
import { rolesOf } from '../policy/roles.ts';
import type { Principal } from '../types.ts';

/**
 * May this principal read the trail? A person who is a privacy officer and whose app has a scope for AuditEvents, or a client whose scopes
 * name AuditEvent: a wildcard means records of patients, not the record of who looked at them. The answer depends on the caller alone.
 */
export async function mayReadTrail(sql: Sql, principal: Principal, letter: 'r' | 's'): Promise<Result<void>> {
  const { kind, fhirUser, scopes, view } = principal;
  // What others do with children is not a partner's to read, whatever the scopes say.
  if (view?.partner === undefined && may(principal, 'AuditEvent', letter)) {
    if (kind === 'user' && fhirUser !== undefined && (await rolesOf(sql, fhirUser)).has('privacy-officer'))
      return ok(undefined);
    const isNamed = scopes.some(
      ({ level, type, interactions, having }) =>
        level === 'system' && type === 'AuditEvent' && interactions.has(letter) && having === undefined,
    );
    if (kind !== 'user' && isNamed) return ok(undefined);
  }
  return fail('forbidden', 'The audit trail is for privacy officers, and for clients whose scopes name AuditEvent.');
}

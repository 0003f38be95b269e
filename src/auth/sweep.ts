import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';

const tables = [
  'auth_assertion_jti',
  'auth_revoked_token',
  'auth_refresh_token',
  'auth_ehr_login',
  'auth_launch',
  'auth_session',
  'auth_grant',
  'auth_enrolment',
  'auth_sign_in_step',
  'auth_sign_in_address',
  'auth_upstream_login',
  'auth_transaction',
  'auth_admin_request',
] as const;

const rowsAtOnce = 1000;

/**
 * Removes expired short-lived rows, at most once a minute and never waiting for a row someone else holds. Expiry is judged where a row is
 * used; this only keeps the tables small (TH-08), also those that grow by more than a thousand rows a minute.
 */
export function createSweep(deps: { sql: Sql; clock: Clock }): () => Promise<void> {
  let last = 0;
  return async () => {
    const now = deps.clock.now();
    if (now.getTime() - last < limits.auth.sweepSeconds * 1000) return;
    last = now.getTime();
    for (const table of tables) {
      const sweep = `DELETE FROM ${table} WHERE ctid IN (
        SELECT ctid FROM ${table} WHERE expires_at < $1 LIMIT ${rowsAtOnce} FOR UPDATE SKIP LOCKED) RETURNING 1`;
      let gone = rowsAtOnce;
      for (let round = 0; round < limits.auth.sweepRounds && gone === rowsAtOnce; round += 1)
        gone = (await deps.sql.query(sweep, [now])).length;
    }
  };
}

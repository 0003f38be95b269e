import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Sql } from '../../store/types.ts';
import { hashSecret } from '../secrets.ts';
import type { Sealing } from './sealing.ts';
import { acceptedStep } from './totp.ts';

/** What proves that somebody is the person of an account. Every try is counted before it is judged, so that many at once gain nothing. */
export interface Credentials {
  /** Counts a try. Undefined when there is no such account, or it is disabled or resting: the same for all of them. */
  tryName(username: string): Promise<{ accountId: string; password: string | undefined } | undefined>;
  tryAccount(accountId: string): Promise<boolean>;
  /** The password was right: the try does not count. What was wrong before still does, until the sign-in is complete. */
  forgive(accountId: string): Promise<void>;
  /** The sign-in is complete: everything is forgotten. */
  settle(accountId: string): Promise<void>;
  setPassword(accountId: string, hash: string): Promise<void>;
  passwordOf(accountId: string): Promise<string | undefined>;
  /** True once for each code of an authenticator app, and once for each recovery code. */
  acceptCode(accountId: string, code: string): Promise<boolean>;
  /** Keeps the second factor whose first code was at `step`; answers new recovery codes, which replace the old. */
  setSecondFactor(accountId: string, sealed: Buffer, step: number): Promise<string[]>;
  /** Removes what proves the person: they enrol again. */
  reset(accountId: string): Promise<void>;
}

const { freeFailures, restSeconds, maxRestSeconds } = limits.people;

const count = `UPDATE auth_account SET failures = failures + 1, locked_until = CASE WHEN failures + 1 >= ${freeFailures}
    THEN $2::timestamptz + make_interval(secs => least(${maxRestSeconds}, ${restSeconds} * 2 ^ least(failures + 1 - ${freeFailures}, 20)))
  END`;
const awake = 'active AND (locked_until IS NULL OR locked_until <= $2)';

export function createCredentials({ sql, clock, sealing }: { sql: Sql; clock: Clock; sealing: Sealing }): Credentials {
  const run = async (text: string, values: readonly unknown[]) => (await sql.query<object>(text, values)).length > 0;
  return {
    async tryName(username) {
      const [row] = await sql.query<{ id: string; password: string | null }>(
        `${count} WHERE username = $1 AND ${awake} RETURNING id, password`,
        [username.trim().toLowerCase(), clock.now()],
      );
      return row && { accountId: row.id, password: row.password ?? undefined };
    },
    tryAccount: (accountId) => run(`${count} WHERE id = $1 AND ${awake} RETURNING id`, [accountId, clock.now()]),
    async forgive(accountId) {
      const text = 'UPDATE auth_account SET failures = greatest(failures - 1, 0), locked_until = NULL WHERE id = $1';
      await sql.query(text, [accountId]);
    },
    async settle(accountId) {
      await sql.query('UPDATE auth_account SET failures = 0, locked_until = NULL WHERE id = $1', [accountId]);
    },
    async setPassword(accountId, hash) {
      await sql.query('UPDATE auth_account SET password = $2 WHERE id = $1', [accountId, hash]);
    },
    async passwordOf(accountId) {
      const text = 'SELECT password FROM auth_account WHERE id = $1';
      const [row] = await sql.query<{ password: string | null }>(text, [accountId]);
      return row?.password ?? undefined;
    },
    async acceptCode(accountId, code) {
      const kept = 'SELECT totp_secret, totp_step FROM auth_account WHERE id = $1 AND totp_secret IS NOT NULL';
      const [row] = await sql.query<{ totp_secret: Buffer; totp_step: string }>(kept, [accountId]);
      if (!row) return false;
      const secret = await sealing.open(row.totp_secret);
      const step = acceptedStep(secret, code, { now: clock.now(), after: Number(row.totp_step) });
      if (step !== undefined) {
        const spend = 'UPDATE auth_account SET totp_step = $2 WHERE id = $1 AND totp_step < $2 RETURNING id';
        return run(spend, [accountId, step]);
      }
      const use = `UPDATE auth_recovery_code SET used_at = $3
        WHERE account_id = $1 AND code_hash = $2 AND used_at IS NULL RETURNING account_id`;
      return run(use, [accountId, hashRecoveryCode(code), clock.now()]);
    },
    async setSecondFactor(accountId, sealed, step) {
      const codes = Array.from({ length: limits.people.recoveryCodes }, newRecoveryCode);
      await sql.query(
        `WITH kept AS (UPDATE auth_account SET totp_secret = $2, totp_step = $3 WHERE id = $1),
           gone AS (DELETE FROM auth_recovery_code WHERE account_id = $1 AND NOT code_hash = ANY ($4))
         INSERT INTO auth_recovery_code (account_id, code_hash) SELECT $1, unnest($4::bytea[])`,
        [accountId, sealed, step, codes.map(hashRecoveryCode)],
      );
      return codes;
    },
    async reset(accountId) {
      await sql.query(
        `WITH codes AS (DELETE FROM auth_recovery_code WHERE account_id = $1),
           sessions AS (DELETE FROM auth_session WHERE account_id = $1),
           links AS (DELETE FROM auth_enrolment WHERE account_id = $1)
         UPDATE auth_account SET password = NULL, totp_secret = NULL, failures = 0, locked_until = NULL WHERE id = $1`,
        [accountId],
      );
    },
  };
}

/** Letters that are not mistaken for each other; 50 bits and more. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';

function newRecoveryCode(): string {
  // Of 248 values each letter has eight: no letter is likelier than another.
  const picked = [...randomBytes(64)].filter((byte) => byte < 248).slice(0, 12);
  const text = picked.map((byte) => letters[byte % letters.length]).join('');
  return text.length === 12 ? `${text.slice(0, 4)}-${text.slice(4, 8)}-${text.slice(8)}` : newRecoveryCode();
}

function hashRecoveryCode(code: string): Buffer {
  return hashSecret(`recovery.${code.toLowerCase().replace(/[^a-z0-9]/g, '')}`);
}

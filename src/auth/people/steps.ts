import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Sql } from '../../store/types.ts';
import { hashSecret, newSecret } from '../secrets.ts';

/** Where somebody stands who has given the right password and is to show, or to set up, a second factor. In a cookie; ten minutes. */
export interface Step {
  accountId: string;
  /** A second factor being set up, sealed. */
  newSecret?: Buffer;
}

export interface Steps {
  start(accountId: string): Promise<string>;
  find(cookie: string | undefined): Promise<Step | undefined>;
  keepSecret(cookie: string, sealed: Buffer): Promise<void>;
  /** Ends it. False when another request was faster. */
  end(cookie: string): Promise<boolean>;
}

export function createSteps({ sql, clock }: { sql: Sql; clock: Clock }): Steps {
  return {
    async start(accountId) {
      const cookie = newSecret();
      const expiresAt = new Date(clock.now().getTime() + limits.people.stepSeconds * 1000);
      await sql.query('INSERT INTO auth_sign_in_step (id_hash, account_id, expires_at) VALUES ($1, $2, $3)', [
        hashSecret(cookie),
        accountId,
        expiresAt,
      ]);
      return cookie;
    },
    async find(cookie) {
      if (cookie === undefined) return undefined;
      const [row] = await sql.query<{ account_id: string; new_secret: Buffer | null }>(
        `SELECT s.account_id, s.new_secret FROM auth_sign_in_step s JOIN auth_account a ON a.id = s.account_id
         WHERE s.id_hash = $1 AND s.expires_at > $2 AND a.active`,
        [hashSecret(cookie), clock.now()],
      );
      if (!row) return undefined;
      return row.new_secret === null
        ? { accountId: row.account_id }
        : { accountId: row.account_id, newSecret: row.new_secret };
    },
    async keepSecret(cookie, sealed) {
      await sql.query('UPDATE auth_sign_in_step SET new_secret = $2 WHERE id_hash = $1', [hashSecret(cookie), sealed]);
    },
    async end(cookie) {
      const gone = 'DELETE FROM auth_sign_in_step WHERE id_hash = $1 RETURNING account_id';
      return (await sql.query(gone, [hashSecret(cookie)])).length === 1;
    },
  };
}

import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Sql } from '../../store/types.ts';
import { hashSecret, newSecret } from '../secrets.ts';

/** One-time links with which a person chooses a password. A new one ends those before it. */
export interface Enrolments {
  issue(accountId: string): Promise<string>;
  /** The account that the link is for, while it is good. */
  accountOf(token: string): Promise<string | undefined>;
  /** Uses it up; undefined when it was not good any more. */
  take(token: string): Promise<string | undefined>;
}

export function createEnrolments({ sql, clock }: { sql: Sql; clock: Clock }): Enrolments {
  const good = 'e.token_hash = $1 AND e.expires_at > $2 AND a.id = e.account_id AND a.active';
  const ask = async (text: string, token: string) => {
    const [row] = await sql.query<{ account_id: string }>(text, [hashSecret(token), clock.now()]);
    return row?.account_id;
  };
  return {
    async issue(accountId) {
      const token = newSecret();
      const expiresAt = new Date(clock.now().getTime() + limits.people.enrolmentSeconds * 1000);
      await sql.query('DELETE FROM auth_enrolment WHERE account_id = $1', [accountId]);
      await sql.query('INSERT INTO auth_enrolment (token_hash, account_id, expires_at) VALUES ($1, $2, $3)', [
        hashSecret(token),
        accountId,
        expiresAt,
      ]);
      return token;
    },
    accountOf: (token) => ask(`SELECT e.account_id FROM auth_enrolment e, auth_account a WHERE ${good}`, token),
    take: (token) =>
      ask(`DELETE FROM auth_enrolment e USING auth_account a WHERE ${good} RETURNING e.account_id`, token),
  };
}

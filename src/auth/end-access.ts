import type { Sql } from '../store/types.ts';

/**
 * Ends every session, every sign-in under way, and every access that people have given apps. After a restore: what was taken back since the
 * backup was made would be good again, and a refresh token that was spent since too. Machines, which sign for each token, go on.
 */
export async function endAllAccess(sql: Sql, now: Date): Promise<number> {
  const ended = await sql.query(
    'UPDATE auth_grant SET revoked_at = $1 WHERE revoked_at IS NULL AND expires_at > $1 RETURNING 1',
    [now],
  );
  for (const table of ['auth_code', 'auth_launch', 'auth_session', 'auth_transaction', 'auth_sign_in_step'])
    await sql.query(`DELETE FROM ${table}`);
  return ended.length;
}

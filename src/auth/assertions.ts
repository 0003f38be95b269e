import type { Sql } from '../store/types.ts';
import { hashSecret } from './secrets.ts';

/** Which assertions were used. The primary key decides a race: of two equal ones, one gets in (SC-131, TH-08). */
export interface Assertions {
  /** True the first time, false ever after. `expiresAt` says how long it has to be remembered. */
  spend(clientId: string, jti: string, expiresAt: Date): Promise<boolean>;
}

export function createAssertions(sql: Sql): Assertions {
  return {
    async spend(clientId, jti, expiresAt) {
      const rows = await sql.query(
        `INSERT INTO auth_assertion_jti (client_id, jti_hash, expires_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING RETURNING client_id`,
        [clientId, hashSecret(jti), expiresAt],
      );
      return rows.length === 1;
    },
  };
}

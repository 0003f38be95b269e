import type { Sql } from '../store/types.ts';

/** Machine tokens that were revoked before their time (SC-110). They name no grant that could be revoked instead. */
export interface RevokedTokens {
  add(tokenId: string, expiresAt: Date): Promise<void>;
}

export function createRevokedTokens(deps: { sql: Sql; standing: { forget(): void } }): RevokedTokens {
  return {
    async add(tokenId, expiresAt) {
      await deps.sql.query('INSERT INTO auth_revoked_token (jti, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        tokenId,
        expiresAt,
      ]);
      deps.standing.forget();
    },
  };
}

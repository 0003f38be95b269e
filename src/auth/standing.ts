import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';

/** Is the client still active, and the grant (if the token names one) not revoked? Asked on every request. */
export interface Standing {
  holds(clientId: string, grantId: string | undefined): Promise<boolean>;
  /** Forgets what is remembered, after a revocation in this process. */
  forget(): void;
}

const maxRemembered = 10_000;

/** Remembers an answer for two seconds, so that a burst of requests asks the database once. */
export function createStanding(deps: { sql: Sql; clock: Clock }): Standing {
  const remembered = new Map<string, { holds: boolean; until: number }>();
  return {
    async holds(clientId, grantId) {
      const name = `${clientId} ${grantId ?? ''}`;
      const now = deps.clock.now().getTime();
      const known = remembered.get(name);
      if (known && known.until > now) return known.holds;
      const rows = await deps.sql.query<{ holds: boolean }>(
        `SELECT c.active AND ($2::uuid IS NULL OR EXISTS (
           SELECT 1 FROM auth_grant g WHERE g.id = $2::uuid AND g.client_id = c.id AND g.revoked_at IS NULL)) AS holds
         FROM auth_client c WHERE c.id = $1`,
        [clientId, grantId ?? null],
      );
      const holds = rows[0]?.holds === true;
      if (remembered.size >= maxRemembered) remembered.clear();
      remembered.set(name, { holds, until: now + limits.auth.standingCacheMs });
      return holds;
    },
    forget: () => remembered.clear(),
  };
}

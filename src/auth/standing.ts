import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';
import { standsAt } from './grants.ts';

/** What is asked about with every request: is it still good? */
export interface Presented {
  clientId: string;
  /** A person's token names its grant; a machine's has none and is known by its own id. */
  grantId?: string;
  tokenId?: string;
}

/**
 * Is the client still active, the grant neither revoked nor over (with its session, where it is bound to one), the person's account not
 * closed, a machine's token not revoked?
 */
export interface Standing {
  holds(presented: Presented): Promise<boolean>;
  /** Forgets what is remembered, after a revocation in this process. */
  forget(): void;
}

const maxRemembered = 10_000;

const select = `SELECT c.active
    AND ($2::uuid IS NULL OR g.id IS NOT NULL)
    AND ($3::text IS NULL OR NOT EXISTS (SELECT 1 FROM auth_revoked_token t WHERE t.jti = $3)) AS holds,
    g.last_used_at < $5 AS unnoted
  FROM auth_client c LEFT JOIN auth_grant g ON g.id = $2::uuid AND g.client_id = c.id AND ${standsAt('$4')}
  WHERE c.id = $1`;

/** Remembers an answer for two seconds, so that a burst of requests asks the database once. */
export function createStanding(deps: { sql: Sql; clock: Clock }): Standing {
  const remembered = new Map<string, { holds: boolean; until: number }>();
  let forgotten = 0;

  async function ask({ clientId, grantId, tokenId }: Presented, now: Date): Promise<boolean> {
    const noted = new Date(now.getTime() - limits.auth.lastUseMs);
    const values = [clientId, grantId ?? null, grantId === undefined ? (tokenId ?? null) : null, now, noted];
    const [row] = await deps.sql.query<{ holds: boolean; unnoted: boolean | null }>(select, values, 'standing');
    if (row?.holds && row.unnoted)
      await deps.sql.query('UPDATE auth_grant SET last_used_at = $2 WHERE id = $1', [grantId, now]);
    return row?.holds === true;
  }

  // A clock that was set back must not keep an answer alive.
  const isYoung = (until: number, now: Date) =>
    until > now.getTime() && until - now.getTime() <= limits.auth.standingCacheMs;

  return {
    async holds(presented) {
      const name = `${presented.clientId} ${presented.grantId ?? presented.tokenId ?? ''}`;
      const now = deps.clock.now();
      const known = remembered.get(name);
      if (known && isYoung(known.until, now)) return known.holds;
      const before = forgotten;
      const holds = await ask(presented, now);
      // What was asked before a revocation may have been answered before it too.
      if (before !== forgotten) return holds;
      if (remembered.size >= maxRemembered) remembered.clear();
      remembered.set(name, { holds, until: now.getTime() + limits.auth.standingCacheMs });
      return holds;
    },
    forget() {
      forgotten += 1;
      remembered.clear();
    },
  };
}

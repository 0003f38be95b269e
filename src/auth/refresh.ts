import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';
import { type GrantRow, type Grants, grantColumns, grantedOf, standsAt } from './grants.ts';
import { openSuccessor, sealSuccessor } from './sealed-successor.ts';
import { hashSecret, newSecret } from './secrets.ts';
import type { Granted } from './types.ts';

/** A refresh token that may be used now. */
export interface FoundRefresh {
  token: string;
  grant: Granted;
  /** Set when it was spent a moment ago and its answer may have been lost: what that answer said. */
  successor?: string;
}

/**
 * Refresh tokens (SC-100 to SC-104): opaque, stored hashed, each good once. A grant has one live token at any time, so a spent one that
 * comes again was stolen, from us or from the app: the grant ends with everything that came of it.
 *
 * A network may lose our answer, and the app asks again with the token it has. Where the site allows that (`graceSeconds`, 0 unless set),
 * the same token within that time is told the *same* successor, as long as nobody has used that: the chain stays one chain, and whoever
 * uses an older link of it later is found out as before.
 */
export interface RefreshTokens {
  /** The first token of a grant that has `offline_access` or `online_access`. */
  issue(grant: Granted): Promise<string>;
  /** Undefined for one that is unknown, expired, revoked, another client's, or spent; the latter revokes the grant. */
  find(token: string, clientId: string): Promise<FoundRefresh | undefined>;
  /** Spends it: its successor, or undefined when another request was faster. */
  rotate(found: FoundRefresh): Promise<string | undefined>;
  /** What a token is of, without using it: for revocation and introspection. */
  look(token: string): Promise<{ grant: Granted; live: boolean; issuedAt: Date; expiresAt: Date } | undefined>;
}

interface Deps {
  sql: Sql;
  clock: Clock;
  grants: Pick<Grants, 'revoke'>;
  resourceTypes: ReadonlySet<string>;
  graceSeconds: number;
}

interface RefreshRow extends GrantRow {
  stands: boolean;
  issued_at: Date;
  expires_at: Date;
  spent_at: Date | null;
  successor_sealed: Buffer | null;
  successor_waits: boolean;
}

const select = `SELECT ${grantColumns}, (${standsAt('$2')} AND r.expires_at > $2) AS stands, r.issued_at, r.expires_at, r.spent_at,
    r.successor_sealed, EXISTS (SELECT 1 FROM auth_refresh_token n WHERE n.token_hash = r.successor_hash AND n.spent_at IS NULL)
      AS successor_waits
  FROM auth_refresh_token r JOIN auth_grant g ON g.id = r.grant_id WHERE r.token_hash = $1`;

const lengthen = 'UPDATE auth_grant SET expires_at = greatest(expires_at, $4), last_used_at = $3';

const first = `WITH kept AS (
    INSERT INTO auth_refresh_token (token_hash, grant_id, issued_at, expires_at) VALUES ($1, $2, $3, $4))
  ${lengthen} WHERE id = $2`;

const spend = `WITH spent AS (
    UPDATE auth_refresh_token r SET spent_at = $3, successor_hash = $2, successor_sealed = $5
    WHERE r.token_hash = $1 AND r.spent_at IS NULL AND r.expires_at > $3
      AND EXISTS (SELECT 1 FROM auth_grant g WHERE g.id = r.grant_id AND ${standsAt('$3')})
    RETURNING r.grant_id),
  next AS (INSERT INTO auth_refresh_token (token_hash, grant_id, issued_at, expires_at)
    SELECT $2, grant_id, $3, $4 FROM spent),
  heard AS (UPDATE auth_refresh_token SET successor_sealed = NULL
    WHERE grant_id = (SELECT grant_id FROM spent) AND successor_hash = $1 AND successor_sealed IS NOT NULL)
  ${lengthen} WHERE id = (SELECT grant_id FROM spent) RETURNING id`;

export function createRefreshTokens(deps: Deps): RefreshTokens {
  const now = () => deps.clock.now();
  const expiry = () => new Date(now().getTime() + limits.auth.refreshSeconds * 1000);
  const read = async (token: string) => {
    const [row] = await deps.sql.query<RefreshRow>(select, [hashSecret(token), now()]);
    return row;
  };

  async function find(token: string, clientId: string): Promise<FoundRefresh | undefined> {
    const row = await read(token);
    if (!row?.stands || row.client_id !== clientId) return undefined;
    const grant = grantedOf(row, deps.resourceTypes);
    if (row.spent_at === null) return { token, grant };
    const successor = mayRetry(row) && row.successor_sealed && openSuccessor(token, row.successor_sealed);
    if (successor) return { token, grant, successor };
    await deps.grants.revoke({ id: grant.grantId });
    return undefined;
  }

  function mayRetry(row: RefreshRow): boolean {
    const since = now().getTime() - (row.spent_at?.getTime() ?? 0);
    return row.successor_waits && since <= deps.graceSeconds * 1000;
  }

  return {
    find,
    async issue(grant) {
      const token = newSecret();
      await deps.sql.query(first, [hashSecret(token), grant.grantId, now(), expiry()]);
      return token;
    },
    async rotate({ token, grant, successor }) {
      if (successor !== undefined) return successor;
      const next = newSecret();
      const sealed = deps.graceSeconds > 0 ? sealSuccessor(token, next) : null;
      const rows = await deps.sql.query(spend, [hashSecret(token), hashSecret(next), now(), expiry(), sealed]);
      if (rows.length === 1) return next;
      // Another request has spent it in the meantime: this one is judged like any that comes with a spent token.
      return (await find(token, grant.clientId))?.successor;
    },
    async look(token) {
      const row = await read(token);
      if (!row) return undefined;
      const live = row.stands && row.spent_at === null;
      const grant = grantedOf(row, deps.resourceTypes);
      return { grant, live, issuedAt: row.issued_at, expiresAt: row.expires_at };
    },
  };
}

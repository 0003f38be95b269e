import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';
import { hashSecret, newSecret } from './secrets.ts';
import type { Session } from './types.ts';

/** Sign-ins. A new one is made for every launch and every sign-in, so that no one can plant a session of theirs (TH-12). */
export interface Sessions {
  /** Of a person whom a hospital's launch has signed in. */
  start(person: { fhirUser: string; siteId: string }): Promise<{ session: Session; cookie: string }>;
  /** Of an account; the browser's session before, if any, ends. */
  startFor(accountId: string, before: string | undefined): Promise<{ cookie: string }>;
  find(cookie: string | undefined): Promise<Session | undefined>;
  end(cookie: string): Promise<void>;
  /** Ends every session of an account, e.g. when its password changes. */
  endAll(accountId: string): Promise<void>;
}

interface SessionRow {
  fhir_user: string | null;
  site_id: string | null;
  account_id: string | null;
  created_at: Date;
  links: string[];
}

const select = `SELECT s.fhir_user, s.site_id, s.account_id, s.created_at,
    ARRAY(SELECT l.fhir_user FROM auth_account_link l WHERE l.account_id = s.account_id ORDER BY l.fhir_user) AS links
  FROM auth_session s LEFT JOIN auth_account a ON a.id = s.account_id
  WHERE s.id_hash = $1 AND s.expires_at > $2 AND (s.account_id IS NULL OR a.active)`;

const insert = `INSERT INTO auth_session (id_hash, fhir_user, site_id, account_id, created_at, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6)`;

export function createSessions(deps: { sql: Sql; clock: Clock }): Sessions {
  async function begin(whose: { fhirUser?: string; siteId?: string; accountId?: string }) {
    const cookie = newSecret();
    const hash = hashSecret(cookie);
    const now = deps.clock.now();
    const expiresAt = new Date(now.getTime() + limits.auth.sessionSeconds * 1000);
    const { fhirUser = null, siteId = null, accountId = null } = whose;
    await deps.sql.query(insert, [hash, fhirUser, siteId, accountId, now, expiresAt]);
    return { cookie, hash, now };
  }
  const end = async (cookie: string) => {
    await deps.sql.query('DELETE FROM auth_session WHERE id_hash = $1', [hashSecret(cookie)]);
  };
  return {
    async start({ fhirUser, siteId }) {
      const { cookie, hash, now } = await begin({ fhirUser, siteId });
      return { session: { hash, fhirUsers: [fhirUser], siteId, authenticatedAt: now }, cookie };
    },
    async startFor(accountId, before) {
      if (before !== undefined) await end(before);
      const { cookie } = await begin({ accountId });
      return { cookie };
    },
    async find(cookie) {
      if (cookie === undefined) return undefined;
      const hash = hashSecret(cookie);
      const [row] = await deps.sql.query<SessionRow>(select, [hash, deps.clock.now()]);
      return row && sessionOf(row, hash);
    },
    end,
    async endAll(accountId) {
      await deps.sql.query('DELETE FROM auth_session WHERE account_id = $1', [accountId]);
    },
  };
}

function sessionOf(row: SessionRow, hash: Buffer): Session {
  const session: Session = {
    hash,
    fhirUsers: row.fhir_user === null ? row.links : [row.fhir_user],
    authenticatedAt: row.created_at,
  };
  if (row.site_id !== null) session.siteId = row.site_id;
  if (row.account_id !== null) session.accountId = row.account_id;
  return session;
}

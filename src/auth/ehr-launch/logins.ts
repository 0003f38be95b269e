import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Sql } from '../../store/types.ts';
import { hashSecret, newSecret } from '../secrets.ts';

/** A launch on its way through a hospital's authorization server. */
export interface Login {
  /** Goes to the hospital and comes back in the URL. */
  state: string;
  /** Stays in the browser, in a cookie. */
  cookie: string;
}

/**
 * Launches that wait for the hospital's answer. State and cookie are both needed to go on, so an answer made in one browser is
 * worth nothing in another. The PKCE verifier and the nonce are derived from the two and stored nowhere.
 */
export interface Logins {
  start(site: { siteId: string; issuer: string }): Promise<Login>;
  /** Once, and with the right cookie. */
  take(login: Login): Promise<{ siteId: string; issuer: string } | undefined>;
}

export function createLogins(deps: { sql: Sql; clock: Clock }): Logins {
  return {
    async start({ siteId, issuer }) {
      const login = { state: newSecret(), cookie: newSecret() };
      const expiresAt = new Date(deps.clock.now().getTime() + limits.auth.launchLifeSeconds * 1000);
      await deps.sql.query(
        `INSERT INTO auth_ehr_login (state_hash, cookie_hash, site_id, issuer, expires_at) VALUES ($1, $2, $3, $4, $5)`,
        [hashSecret(login.state), hashSecret(login.cookie), siteId, issuer, expiresAt],
      );
      return login;
    },
    async take({ state, cookie }) {
      const [row] = await deps.sql.query<{ site_id: string; issuer: string }>(
        `DELETE FROM auth_ehr_login WHERE state_hash = $1 AND cookie_hash = $2 AND expires_at > $3
         RETURNING site_id, issuer`,
        [hashSecret(state), hashSecret(cookie), deps.clock.now()],
      );
      return row && { siteId: row.site_id, issuer: row.issuer };
    },
  };
}

/** The cookie of one launch: two launches in two tabs do not disturb each other. */
export function loginCookieName(state: string): string {
  return `careweave_launch_${hashSecret(state).toString('hex', 0, 8)}`;
}

export function verifierOf(login: Login): string {
  return derived('verifier', login);
}

export function challengeOf(login: Login): string {
  return createHash('sha256').update(verifierOf(login)).digest('base64url');
}

export function nonceOf(login: Login): string {
  return derived('nonce', login);
}

function derived(purpose: string, login: Login): string {
  return hashSecret(`${purpose}.${login.cookie}.${login.state}`).toString('base64url');
}

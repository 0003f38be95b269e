import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Sql } from '../../store/types.ts';
import type { Login } from '../ehr-launch/logins.ts';
import { hashSecret, newSecret } from '../secrets.ts';
import type { Sealing } from './sealing.ts';

/** A hospital's own sign-on. Source: OpenID Connect Core 1.0. */
export interface Provider {
  id: string;
  /** As the sign-in page shows it. */
  name: string;
  issuer: string;
  clientId: string;
  /** Absent: we authenticate with private_key_jwt. */
  clientSecret?: string;
  /** The claim of its id_token by which accounts are linked, e.g. `sub`. */
  claim: string;
  active: boolean;
}

/** The configured sign-ons, whom of ours their subjects are, and the sign-ins that are under way there. */
export interface Providers {
  list(): Promise<Provider[]>;
  find(id: string): Promise<Provider | undefined>;
  put(provider: Provider): Promise<void>;
  setActive(id: string, active: boolean): Promise<boolean>;
  /** Links an account; nobody is let in who was not linked. False when there is no such provider, or the subject is another's. */
  link(providerId: string, subject: string, accountId: string): Promise<boolean>;
  accountOf(providerId: string, subject: string): Promise<string | undefined>;
  /** A sign-in that goes out; comes back with both halves or not at all. */
  start(providerId: string, transactionId: string | undefined): Promise<Login>;
  take(login: Login): Promise<{ providerId: string; transactionId?: string } | undefined>;
}

interface ProviderRow {
  id: string;
  name: string;
  issuer: string;
  client_id: string;
  client_secret: Buffer | null;
  claim: string;
  active: boolean;
}

const columns = 'id, name, issuer, client_id, client_secret, claim, active';

export function createProviders({ sql, clock, sealing }: { sql: Sql; clock: Clock; sealing: Sealing }): Providers {
  const providerOf = async (row: ProviderRow): Promise<Provider> => {
    const { id, name, issuer, client_id: clientId, claim, active } = row;
    const provider: Provider = { id, name, issuer, clientId, claim, active };
    if (row.client_secret) provider.clientSecret = (await sealing.open(row.client_secret)).toString('utf8');
    return provider;
  };
  return {
    async list() {
      const rows = await sql.query<ProviderRow>(`SELECT ${columns} FROM auth_provider ORDER BY name, id`);
      return Promise.all(rows.map(providerOf));
    },
    async find(id) {
      const [row] = await sql.query<ProviderRow>(`SELECT ${columns} FROM auth_provider WHERE id = $1`, [id]);
      return row && providerOf(row);
    },
    async put({ id, name, issuer, clientId, clientSecret, claim, active }) {
      const sealed = clientSecret === undefined ? null : await sealing.seal(Buffer.from(clientSecret, 'utf8'));
      await sql.query(
        `INSERT INTO auth_provider (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, issuer = excluded.issuer, client_id = excluded.client_id,
           client_secret = excluded.client_secret, claim = excluded.claim, active = excluded.active`,
        [id, name, issuer, clientId, sealed, claim, active],
      );
    },
    async setActive(id, active) {
      const text = 'UPDATE auth_provider SET active = $2 WHERE id = $1 RETURNING id';
      return (await sql.query(text, [id, active])).length === 1;
    },
    async link(providerId, subject, accountId) {
      const rows = await sql.query(
        `INSERT INTO auth_account_identity (provider_id, subject, account_id)
         SELECT id, $2, $3 FROM auth_provider WHERE id = $1
         ON CONFLICT (provider_id, subject) DO UPDATE SET account_id = excluded.account_id
           WHERE auth_account_identity.account_id = excluded.account_id RETURNING subject`,
        [providerId, subject, accountId],
      );
      return rows.length === 1;
    },
    async accountOf(providerId, subject) {
      const [row] = await sql.query<{ account_id: string }>(
        `SELECT i.account_id FROM auth_account_identity i JOIN auth_account a ON a.id = i.account_id
         WHERE i.provider_id = $1 AND i.subject = $2 AND a.active`,
        [providerId, subject],
      );
      return row?.account_id;
    },
    async start(providerId, transactionId) {
      const login = { state: newSecret(), cookie: newSecret() };
      const expiresAt = new Date(clock.now().getTime() + limits.people.stepSeconds * 1000);
      await sql.query(
        `INSERT INTO auth_upstream_login (state_hash, cookie_hash, provider_id, transaction_id, expires_at)
         VALUES ($1, $2, $3, $4, $5)`,
        [hashSecret(login.state), hashSecret(login.cookie), providerId, transactionId ?? null, expiresAt],
      );
      return login;
    },
    async take({ state, cookie }) {
      const [row] = await sql.query<{ provider_id: string; transaction_id: string | null }>(
        `DELETE FROM auth_upstream_login WHERE state_hash = $1 AND cookie_hash = $2 AND expires_at > $3
         RETURNING provider_id, transaction_id`,
        [hashSecret(state), hashSecret(cookie), clock.now()],
      );
      if (!row) return undefined;
      return row.transaction_id === null
        ? { providerId: row.provider_id }
        : { providerId: row.provider_id, transactionId: row.transaction_id };
    },
  };
}

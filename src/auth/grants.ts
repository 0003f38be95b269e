import { parseScopes } from '../access/scopes.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';
import type { Standing } from './standing.ts';
import type { Granted, TokenContext } from './types.ts';

/** A grant as people and administrators see it (SC-111): which app, for whom, about which child, since when. */
export interface GrantSummary {
  id: string;
  clientId: string;
  clientName: string;
  fhirUser: string;
  patientId?: string;
  /** Scope text. */
  scopes: string;
  /** Has a refresh token: until the session ends, or longer. Absent: it ends with its access token. */
  refresh?: 'online' | 'offline';
  createdAt: Date;
  /** When a token of it was last given or looked up, to the minute. */
  lastUsedAt: Date;
  expiresAt: Date;
}

/** Which grants are meant; all that is given must fit. */
export interface GrantFilter {
  id?: string;
  fhirUser?: string;
  patientId?: string;
  clientId?: string;
  sessionHash?: Buffer;
}

/** What persons granted apps. Revoking one ends its refresh token and all its access tokens. */
export interface Grants {
  /** One that stands. */
  find(id: string): Promise<Granted | undefined>;
  /** Those that stand and have been used, newest first, at most a thousand. */
  list(filter: GrantFilter): Promise<GrantSummary[]>;
  /** Revokes what fits; answers how many there were. An empty filter fits nothing. */
  revoke(filter: GrantFilter): Promise<number>;
}

/** A row of auth_grant, as `grantColumns` reads it. */
export interface GrantRow {
  grant_id: string;
  client_id: string;
  fhir_user: string;
  patient_id: string | null;
  scopes: string;
  context: TokenContext & Pick<Granted, 'authTime'>;
  created_at: Date;
  session_hash: Buffer | null;
}

/** For a query in which auth_grant is `g`. */
export const grantColumns =
  'g.id AS grant_id, g.client_id, g.fhir_user, g.patient_id, g.scopes, g.context, g.created_at, g.session_hash';

/**
 * The part of a statement that says a grant (`g`) stands at the time `$at`: not revoked, not over, an online one only with its session,
 * and not that of a person whose account is closed.
 */
export function standsAt(at: string): string {
  return `g.revoked_at IS NULL AND g.expires_at > ${at} AND (g.session_hash IS NULL OR EXISTS (
    SELECT 1 FROM auth_session s WHERE s.id_hash = g.session_hash AND s.expires_at > ${at}))
  AND NOT EXISTS (SELECT 1 FROM auth_account_link l JOIN auth_account a ON a.id = l.account_id
    WHERE l.fhir_user = g.fhir_user AND NOT a.active)`;
}

export function grantedOf(row: GrantRow, types: ReadonlySet<string>): Granted {
  const granted: Granted = {
    ...row.context,
    grantId: row.grant_id,
    clientId: row.client_id,
    fhirUser: row.fhir_user,
    scopes: parseScopes(row.scopes, types),
    grantedAt: row.created_at,
  };
  if (row.patient_id !== null) granted.patientId = row.patient_id;
  if (row.session_hash !== null) granted.sessionHash = row.session_hash;
  return granted;
}

interface SummaryRow extends GrantRow {
  client_name: string;
  refresh: 'online' | 'offline' | null;
  last_used_at: Date;
  expires_at: Date;
}

const filtered = `($1::uuid IS NULL OR g.id = $1) AND ($2::text IS NULL OR g.fhir_user = $2)
  AND ($3::text IS NULL OR g.patient_id = $3) AND ($4::text IS NULL OR g.client_id = $4)
  AND ($5::bytea IS NULL OR g.session_hash = $5)`;

function valuesOf(filter: GrantFilter): unknown[] {
  const { id, fhirUser, patientId, clientId, sessionHash } = filter;
  return [id ?? null, fhirUser ?? null, patientId ?? null, clientId ?? null, sessionHash ?? null];
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

interface Deps {
  sql: Sql;
  clock: Clock;
  standing: Pick<Standing, 'forget'>;
  resourceTypes: ReadonlySet<string>;
}

export function createGrants(deps: Deps): Grants {
  const answerable = (filter: GrantFilter) => filter.id === undefined || uuid.test(filter.id);
  return {
    async find(id) {
      if (!uuid.test(id)) return undefined;
      const [row] = await deps.sql.query<GrantRow>(
        `SELECT ${grantColumns} FROM auth_grant g WHERE g.id = $1 AND ${standsAt('$2')}`,
        [id, deps.clock.now()],
      );
      return row && grantedOf(row, deps.resourceTypes);
    },
    async list(filter) {
      if (!answerable(filter)) return [];
      const rows = await deps.sql.query<SummaryRow>(
        `SELECT ${grantColumns}, g.refresh, g.last_used_at, g.expires_at, c.name AS client_name
         FROM auth_grant g JOIN auth_client c ON c.id = g.client_id
         WHERE ${filtered} AND g.last_used_at IS NOT NULL AND ${standsAt('$6')}
         ORDER BY g.created_at DESC, g.id LIMIT ${limits.auth.grantsListed}`,
        [...valuesOf(filter), deps.clock.now()],
      );
      return rows.map(summaryOf);
    },
    async revoke(filter) {
      const values = valuesOf(filter);
      if (!answerable(filter) || values.every((value) => value === null)) return 0;
      const rows = await deps.sql.query(
        `UPDATE auth_grant g SET revoked_at = $6 WHERE ${filtered} AND g.revoked_at IS NULL RETURNING g.id`,
        [...values, deps.clock.now()],
      );
      deps.standing.forget();
      return rows.length;
    },
  };
}

function summaryOf(row: SummaryRow): GrantSummary {
  const summary: GrantSummary = {
    id: row.grant_id,
    clientId: row.client_id,
    clientName: row.client_name,
    fhirUser: row.fhir_user,
    scopes: row.scopes,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
  };
  if (row.patient_id !== null) summary.patientId = row.patient_id;
  if (row.refresh !== null) summary.refresh = row.refresh;
  return summary;
}

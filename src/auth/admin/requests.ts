import type { Clock } from '../../base/clock.ts';
import { newId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import { keepServerSetting, serverSetting } from '../../store/settings.ts';
import type { Sql } from '../../store/types.ts';

/** What one administrator has asked for and another one has to confirm (TH-66). */
export interface AdminRequest {
  id: string;
  /** `POST /clients`: the route as the table of routes has it. */
  route: string;
  target: string;
  body: Readonly<Record<string, unknown>>;
  clientId: string;
  fhirUser?: string;
  accountId?: string;
  createdAt: Date;
  expiresAt: Date;
}

interface Row {
  id: string;
  route: string;
  target: string;
  body: Record<string, unknown>;
  client_id: string;
  fhir_user: string | null;
  account_id: string | null;
  created_at: Date;
  expires_at: Date;
}

const setting = 'admin-second-person';

/** Turns administration by two on or off. */
export function keepSecondPerson(sql: Sql, needed: boolean): Promise<void> {
  return keepServerSetting(sql, setting, needed);
}

export interface AdminRequests {
  /** Whether what gives somebody something waits for a second person. */
  areNeeded(): Promise<boolean>;
  add(request: Omit<AdminRequest, 'id' | 'createdAt' | 'expiresAt'>): Promise<AdminRequest>;
  list(): Promise<AdminRequest[]>;
  find(id: string): Promise<AdminRequest | undefined>;
  /** True for one caller only, and not after it has expired. */
  take(id: string): Promise<boolean>;
}

export function createAdminRequests({ sql, clock }: { sql: Sql; clock: Clock }): AdminRequests {
  const open = 'SELECT * FROM auth_admin_request WHERE expires_at > $1';
  return {
    areNeeded: async () => (await serverSetting(sql, setting)) === true,
    async add({ route, target, body, clientId, fhirUser, accountId }) {
      const [id, createdAt] = [newId(), clock.now()];
      const expiresAt = new Date(createdAt.getTime() + limits.auth.adminRequestSeconds * 1000);
      await sql.query(
        `INSERT INTO auth_admin_request (id, route, target, body, client_id, fhir_user, account_id, created_at, expires_at)
         VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9)`,
        [id, route, target, JSON.stringify(body), clientId, fhirUser ?? null, accountId ?? null, createdAt, expiresAt],
      );
      const of = { ...(fhirUser !== undefined && { fhirUser }), ...(accountId !== undefined && { accountId }) };
      return { id, route, target, body, clientId, ...of, createdAt, expiresAt };
    },
    async list() {
      return (await sql.query<Row>(`${open} ORDER BY created_at LIMIT 200`, [clock.now()])).map(requestOf);
    },
    async find(id) {
      if (!/^[0-9a-f-]{36}$/.test(id)) return undefined;
      const [row] = await sql.query<Row>(`${open} AND id = $2`, [clock.now(), id]);
      return row && requestOf(row);
    },
    async take(id) {
      const taken = 'DELETE FROM auth_admin_request WHERE id = $1 AND expires_at > $2 RETURNING id';
      return (await sql.query(taken, [id, clock.now()])).length === 1;
    },
  };
}

function requestOf(row: Row): AdminRequest {
  return {
    id: row.id,
    route: row.route,
    target: row.target,
    body: row.body,
    clientId: row.client_id,
    ...(row.fhir_user !== null && { fhirUser: row.fhir_user }),
    ...(row.account_id !== null && { accountId: row.account_id }),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

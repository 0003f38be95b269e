import { formatScopes, parseScopes } from '../access/scopes.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';
import { hashSecret, newSecret } from './secrets.ts';
import type { Standing } from './standing.ts';
import type { CodeGrant } from './types.ts';

/** Authorization codes and the grants behind them (SC-037). */
export interface Codes {
  create(grant: Omit<CodeGrant, 'grantId'>): Promise<string>;
  /** Uses the code up. Undefined when it is not good for this client; one that was used before revokes its grant. */
  redeem(code: string, clientId: string): Promise<CodeGrant | undefined>;
}

interface CodeRow {
  grant_id: string;
  client_id: string;
  redirect_uri: string;
  code_challenge: string;
  nonce: string | null;
  need_patient_banner: boolean;
  fhir_user: string;
  patient_id: string | null;
  scopes: string;
}

const insert = `WITH granted AS (
    INSERT INTO auth_grant (id, client_id, fhir_user, patient_id, scopes, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7))
  INSERT INTO auth_code (code_hash, grant_id, client_id, redirect_uri, code_challenge, nonce, need_patient_banner, expires_at)
  VALUES ($8, $1, $2, $9, $10, $11, $12, $13)`;

const use = `UPDATE auth_code c SET used_at = $3 FROM auth_grant g
  WHERE c.code_hash = $1 AND c.client_id = $2 AND c.used_at IS NULL AND c.expires_at > $3
    AND g.id = c.grant_id AND g.revoked_at IS NULL
  RETURNING c.grant_id, c.client_id, c.redirect_uri, c.code_challenge, c.nonce, c.need_patient_banner,
    g.fhir_user, g.patient_id, g.scopes`;

const revokeUsed = `UPDATE auth_grant SET revoked_at = $2 WHERE revoked_at IS NULL
  AND id = (SELECT grant_id FROM auth_code WHERE code_hash = $1 AND used_at IS NOT NULL)`;

interface Deps {
  sql: Sql;
  clock: Clock;
  standing: Standing;
  resourceTypes: ReadonlySet<string>;
}

export function createCodes(deps: Deps): Codes {
  return {
    async create(grant) {
      const code = newSecret();
      const now = deps.clock.now();
      const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);
      await deps.sql.query(insert, [
        newId(),
        grant.clientId,
        grant.fhirUser,
        grant.patientId ?? null,
        formatScopes(grant.scopes),
        now,
        // The grant outlives the last token that can name it.
        after(limits.auth.codeLifeSeconds + limits.auth.accessTokenSeconds),
        hashSecret(code),
        grant.redirectUri,
        grant.codeChallenge,
        grant.nonce ?? null,
        grant.needPatientBanner,
        after(limits.auth.codeLifeSeconds),
      ]);
      return code;
    },
    async redeem(code, clientId) {
      const now = deps.clock.now();
      const [row] = await deps.sql.query<CodeRow>(use, [hashSecret(code), clientId, now]);
      if (row) return grantOf(row, deps.resourceTypes);
      await deps.sql.query(revokeUsed, [hashSecret(code), now]);
      deps.standing.forget();
      return undefined;
    },
  };
}

function grantOf(row: CodeRow, types: ReadonlySet<string>): CodeGrant {
  const grant: CodeGrant = {
    grantId: row.grant_id,
    clientId: row.client_id,
    redirectUri: row.redirect_uri,
    codeChallenge: row.code_challenge,
    needPatientBanner: row.need_patient_banner,
    fhirUser: row.fhir_user,
    scopes: parseScopes(row.scopes, types),
  };
  if (row.nonce !== null) grant.nonce = row.nonce;
  if (row.patient_id !== null) grant.patientId = row.patient_id;
  return grant;
}

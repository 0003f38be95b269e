import { formatScopes } from '../access/scopes.ts';
import type { Clock } from '../base/clock.ts';
import { newId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';
import { type GrantRow, grantColumns, grantedOf, standsAt } from './grants.ts';
import { hashSecret, newSecret } from './secrets.ts';
import type { Standing } from './standing.ts';
import type { CodeGrant, NewGrant } from './types.ts';

/** Authorization codes and the grants behind them (SC-037). */
export interface Codes {
  /** Keeps what was granted and answers the code for it. */
  create(grant: NewGrant): Promise<string>;
  /** Uses the code up. Undefined when it is not good for this client; one that was used before revokes its grant. */
  redeem(code: string, clientId: string): Promise<CodeGrant | undefined>;
}

interface CodeRow extends GrantRow {
  redirect_uri: string;
  code_challenge: string;
  nonce: string | null;
}

const insert = `WITH granted AS (
    INSERT INTO auth_grant (id, client_id, fhir_user, patient_id, scopes, created_at, expires_at, context, refresh, session_hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10))
  INSERT INTO auth_code (code_hash, grant_id, client_id, redirect_uri, code_challenge, nonce, expires_at)
  VALUES ($11, $1, $2, $12, $13, $14, $15)`;

const use = `WITH used AS (
    UPDATE auth_code c SET used_at = $3 FROM auth_grant g
    WHERE c.code_hash = $1 AND c.client_id = $2 AND c.used_at IS NULL AND c.expires_at > $3
      AND g.id = c.grant_id AND ${standsAt('$3')}
    RETURNING c.redirect_uri, c.code_challenge, c.nonce, ${grantColumns}),
  touched AS (UPDATE auth_grant SET last_used_at = $3 WHERE id IN (SELECT grant_id FROM used))
  SELECT * FROM used`;

const revokeUsed = `UPDATE auth_grant SET revoked_at = $2 WHERE revoked_at IS NULL
  AND id = (SELECT grant_id FROM auth_code WHERE code_hash = $1 AND used_at IS NOT NULL) RETURNING id`;

interface Deps {
  sql: Sql;
  clock: Clock;
  standing: Pick<Standing, 'forget'>;
  resourceTypes: ReadonlySet<string>;
}

export function createCodes(deps: Deps): Codes {
  return {
    async create(grant) {
      const code = newSecret();
      const now = deps.clock.now();
      const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);
      const refresh = refreshOf(grant.scopes.special);
      await deps.sql.query(insert, [
        newId(),
        grant.clientId,
        grant.fhirUser,
        grant.patientId ?? null,
        formatScopes(grant.scopes),
        now,
        // The grant outlives the last token that can name it; a refresh token lengthens its life.
        after(limits.auth.codeLifeSeconds + limits.auth.accessTokenSeconds),
        JSON.stringify(contextOf(grant)),
        refresh ?? null,
        refresh === 'online' ? (grant.sessionHash ?? null) : null,
        hashSecret(code),
        grant.redirectUri,
        grant.codeChallenge,
        grant.nonce ?? null,
        after(limits.auth.codeLifeSeconds),
      ]);
      return code;
    },
    async redeem(code, clientId) {
      const now = deps.clock.now();
      const [row] = await deps.sql.query<CodeRow>(use, [hashSecret(code), clientId, now]);
      if (row) return codeGrantOf(row, deps.resourceTypes);
      const revoked = await deps.sql.query(revokeUsed, [hashSecret(code), now]);
      if (revoked.length > 0) deps.standing.forget();
      return undefined;
    },
  };
}

/** SC-100: one of the two, said in the scopes that were granted. */
function refreshOf(special: readonly string[]): 'online' | 'offline' | undefined {
  if (special.includes('offline_access')) return 'offline';
  return special.includes('online_access') ? 'online' : undefined;
}

/** What is kept with the grant as it is. */
function contextOf(grant: NewGrant): GrantRow['context'] {
  const { encounterId, fhirContext, needPatientBanner, intent, smartStyleUrl, tenant, appContext, authTime } = grant;
  return { encounterId, fhirContext, needPatientBanner, intent, smartStyleUrl, tenant, appContext, authTime };
}

function codeGrantOf(row: CodeRow, types: ReadonlySet<string>): CodeGrant {
  const grant: CodeGrant = {
    ...grantedOf(row, types),
    redirectUri: row.redirect_uri,
    codeChallenge: row.code_challenge,
  };
  if (row.nonce !== null) grant.nonce = row.nonce;
  return grant;
}

import type { Clock } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { Sql } from '../../store/types.ts';

/** Who has asked, and under which account. */
export interface Officer {
  fhirUser: string;
  accountId?: string;
}

/** What is to be taken from which record. */
export interface Wanted {
  type: string;
  id: string;
  labels: readonly string[];
}

/**
 * A lowering that one officer has asked for and another one asks for too (TH-66). True when somebody else asked for the very same before, within
 * a day: then it is used up. False when this is the first: it is written down.
 */
export async function secondedBy(
  { fhirUser, accountId }: Officer,
  { type, id, labels }: Wanted,
  { sql, clock }: { sql: Sql; clock: Clock },
): Promise<boolean> {
  const now = clock.now();
  const wanted = [type, id, [...labels].sort()];
  const seconded = await sql.query(
    `DELETE FROM access_lowering WHERE type = $1 AND id = $2 AND labels = $3::text[] AND expires_at > $4
        AND fhir_user <> $5 AND (account_id IS NULL OR $6::uuid IS NULL OR account_id <> $6::uuid) RETURNING type`,
    [...wanted, now, fhirUser, accountId ?? null],
  );
  if (seconded.length > 0) return true;
  const expires = new Date(now.getTime() + limits.auth.adminRequestSeconds * 1000);
  await sql.query('DELETE FROM access_lowering WHERE expires_at <= $1', [now]);
  await sql.query(
    `INSERT INTO access_lowering (type, id, labels, fhir_user, account_id, expires_at) VALUES ($1, $2, $3::text[], $4, $5, $6)
     ON CONFLICT (type, id, labels, fhir_user) DO UPDATE SET expires_at = excluded.expires_at, account_id = excluded.account_id`,
    [...wanted, fhirUser, accountId ?? null, expires],
  );
  return false;
}

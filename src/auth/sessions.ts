import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';
import { hashSecret, newSecret } from './secrets.ts';
import type { Session } from './types.ts';

/** Sign-ins. A new one is made for every launch, so that no one can plant a session of theirs. */
export interface Sessions {
  start(person: { fhirUser: string; siteId: string }): Promise<{ session: Session; cookie: string }>;
  find(cookie: string | undefined): Promise<Session | undefined>;
}

export function createSessions(deps: { sql: Sql; clock: Clock }): Sessions {
  return {
    async start({ fhirUser, siteId }) {
      const cookie = newSecret();
      const now = deps.clock.now();
      const session: Session = { hash: hashSecret(cookie), fhirUser, siteId };
      await deps.sql.query(
        'INSERT INTO auth_session (id_hash, fhir_user, site_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)',
        [session.hash, fhirUser, siteId, now, new Date(now.getTime() + limits.auth.sessionSeconds * 1000)],
      );
      return { session, cookie };
    },
    async find(cookie) {
      if (cookie === undefined) return undefined;
      const hash = hashSecret(cookie);
      const [row] = await deps.sql.query<{ fhir_user: string; site_id: string }>(
        'SELECT fhir_user, site_id FROM auth_session WHERE id_hash = $1 AND expires_at > $2',
        [hash, deps.clock.now()],
      );
      return row && { hash, fhirUser: row.fhir_user, siteId: row.site_id };
    },
  };
}

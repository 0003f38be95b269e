import { formatScopes, intersectScopes, parseScopes, type ScopeSet } from '../../access/scopes.ts';
import type { Clock } from '../../base/clock.ts';
import type { Sql } from '../../store/types.ts';

/** Which app, for whom, about which child. */
export interface ConsentPlace {
  fhirUser: string;
  clientId: string;
  patientId?: string;
}

/** What people have allowed before. */
export interface Consents {
  /** What was given, when nothing is asked for that was not asked for then; undefined: ask. */
  recall(place: ConsentPlace, asked: ScopeSet): Promise<ScopeSet | undefined>;
  remember(place: ConsentPlace, scopes: { asked: ScopeSet; given: ScopeSet }): Promise<void>;
  forget(place: ConsentPlace): Promise<void>;
}

export function createConsents(deps: { sql: Sql; clock: Clock; resourceTypes: ReadonlySet<string> }): Consents {
  const keyOf = ({ fhirUser, clientId, patientId = '' }: ConsentPlace) => [fhirUser, clientId, patientId];
  const where = 'fhir_user = $1 AND client_id = $2 AND patient_id = $3';
  return {
    async recall(place, asked) {
      const [row] = await deps.sql.query<{ asked: string; given: string }>(
        `SELECT asked, given FROM auth_consent WHERE ${where}`,
        keyOf(place),
      );
      if (!row) return undefined;
      const before = parseScopes(row.asked, deps.resourceTypes);
      return covers(before, asked) ? intersectScopes(asked, parseScopes(row.given, deps.resourceTypes)) : undefined;
    },
    async remember(place, { asked, given }) {
      await deps.sql.query(
        `INSERT INTO auth_consent (fhir_user, client_id, patient_id, asked, given, given_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (fhir_user, client_id, patient_id)
         DO UPDATE SET asked = excluded.asked, given = excluded.given, given_at = excluded.given_at`,
        [...keyOf(place), formatScopes(asked), formatScopes(given), deps.clock.now()],
      );
    },
    async forget(place) {
      await deps.sql.query(`DELETE FROM auth_consent WHERE ${where}`, keyOf(place));
    },
  };
}

/** True when `before` holds all of `asked`: intersecting the two loses nothing of it. */
function covers(before: ScopeSet, asked: ScopeSet): boolean {
  const words = (set: ScopeSet) => formatScopes(set).split(' ').sort().join(' ');
  return words(intersectScopes(asked, before)) === words(asked);
}

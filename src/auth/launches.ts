import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';
import { hashSecret, newSecret } from './secrets.ts';
import type { Launch, TokenContext } from './types.ts';

/** What a launch is made for: one client, one session or person, one child. */
export interface LaunchContext {
  clientId: string;
  /** The session it is good in; or, where the person may have to sign in first, who they are. */
  sessionHash?: Buffer;
  fhirUser?: string;
  patientId: string;
  needPatientBanner: boolean;
  /** What else the token response will say. */
  context?: TokenContext;
}

/** Launch contexts (SC-050): opaque, short-lived, good for one authorize request. */
export interface Launches {
  create(context: LaunchContext): Promise<string>;
  /** A launch that is still good; undefined for any other. */
  find(id: string): Promise<Launch | undefined>;
  /** Uses it up. False when another request was faster. */
  use(launch: Launch): Promise<boolean>;
}

interface LaunchRow {
  client_id: string;
  session_hash: Buffer | null;
  fhir_user: string | null;
  patient_id: string;
  need_patient_banner: boolean;
  context: TokenContext;
}

export function createLaunches(deps: { sql: Sql; clock: Clock }): Launches {
  return {
    async create(launch) {
      const id = newSecret();
      const expiresAt = new Date(deps.clock.now().getTime() + limits.auth.launchLifeSeconds * 1000);
      await deps.sql.query(
        `INSERT INTO auth_launch (id_hash, client_id, session_hash, fhir_user, patient_id, need_patient_banner, context, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          hashSecret(id),
          launch.clientId,
          launch.sessionHash ?? null,
          launch.fhirUser ?? null,
          launch.patientId,
          launch.needPatientBanner,
          JSON.stringify(launch.context ?? {}),
          expiresAt,
        ],
      );
      return id;
    },
    async find(id) {
      const hash = hashSecret(id);
      const [row] = await deps.sql.query<LaunchRow>(
        `SELECT client_id, session_hash, fhir_user, patient_id, need_patient_banner, context FROM auth_launch
         WHERE id_hash = $1 AND used_at IS NULL AND expires_at > $2`,
        [hash, deps.clock.now()],
      );
      return row && launchOf(row, hash);
    },
    async use(launch) {
      const rows = await deps.sql.query(
        'UPDATE auth_launch SET used_at = $2 WHERE id_hash = $1 AND used_at IS NULL RETURNING client_id',
        [launch.hash, deps.clock.now()],
      );
      return rows.length === 1;
    },
  };
}

function launchOf(row: LaunchRow, hash: Buffer): Launch {
  const launch: Launch = {
    hash,
    clientId: row.client_id,
    patientId: row.patient_id,
    needPatientBanner: row.need_patient_banner,
    context: row.context,
  };
  if (row.session_hash !== null) launch.sessionHash = row.session_hash;
  if (row.fhir_user !== null) launch.fhirUser = row.fhir_user;
  return launch;
}

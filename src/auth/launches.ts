import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Sql } from '../store/types.ts';
import { hashSecret, newSecret } from './secrets.ts';
import type { Launch } from './types.ts';

/** What a launch is made for: one client, one session, one child. */
export interface LaunchContext {
  clientId: string;
  sessionHash: Buffer;
  patientId: string;
  needPatientBanner: boolean;
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
  session_hash: Buffer;
  patient_id: string;
  need_patient_banner: boolean;
}

export function createLaunches(deps: { sql: Sql; clock: Clock }): Launches {
  return {
    async create(context) {
      const id = newSecret();
      const expiresAt = new Date(deps.clock.now().getTime() + limits.auth.launchLifeSeconds * 1000);
      await deps.sql.query(
        `INSERT INTO auth_launch (id_hash, client_id, session_hash, patient_id, need_patient_banner, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [
          hashSecret(id),
          context.clientId,
          context.sessionHash,
          context.patientId,
          context.needPatientBanner,
          expiresAt,
        ],
      );
      return id;
    },
    async find(id) {
      const hash = hashSecret(id);
      const [row] = await deps.sql.query<LaunchRow>(
        `SELECT client_id, session_hash, patient_id, need_patient_banner FROM auth_launch
         WHERE id_hash = $1 AND used_at IS NULL AND expires_at > $2`,
        [hash, deps.clock.now()],
      );
      return (
        row && {
          hash,
          clientId: row.client_id,
          sessionHash: row.session_hash,
          patientId: row.patient_id,
          needPatientBanner: row.need_patient_banner,
        }
      );
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

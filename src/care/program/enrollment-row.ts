import type { Sql, Tx } from '../../store/types.ts';
import type { Changed } from './changed.ts';

/** The row of an enrollment: what is asked over many children. */
interface EnrollmentRow {
  episode_id: string;
  patient_id: string;
  program_id: string;
  status: string;
  manager: string | null;
  tier: string | null;
}

/** Written at once, not with the commit: the next enrollment of the same transaction has to see it. */
export async function putEnrollmentRow(tx: Tx, { id, is }: Changed): Promise<void> {
  if (is === undefined || is.status === 'entered-in-error') {
    await tx.own.query('DELETE FROM enrollment WHERE episode_id = $1', [id]);
    return;
  }
  const { patientId, programId, status, manager, tier, eligibleFrom, enrolledFrom, endedOn } = is;
  const values = [id, patientId, programId, status, manager ?? null, tier ?? null];
  await tx.own.query(upsert, [...values, eligibleFrom, enrolledFrom ?? null, endedOn ?? null]);
}

const upsert = `INSERT INTO enrollment
    (episode_id, patient_id, program_id, status, manager, tier, eligible_from, enrolled_from, ended_on)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (episode_id) DO UPDATE SET patient_id = EXCLUDED.patient_id, program_id = EXCLUDED.program_id,
    status = EXCLUDED.status, manager = EXCLUDED.manager, tier = EXCLUDED.tier, eligible_from = EXCLUDED.eligible_from,
    enrolled_from = EXCLUDED.enrolled_from, ended_on = EXCLUDED.ended_on`;

/** Enrollments of the child in which somebody works with it now. */
export function runningEnrollments(sql: Sql, patientId: string): Promise<EnrollmentRow[]> {
  return sql.query<EnrollmentRow>(
    `SELECT episode_id, patient_id, program_id, status, manager, tier FROM enrollment
      WHERE patient_id = $1 AND status IN ('active', 'onhold') ORDER BY enrolled_from, episode_id`,
    [patientId],
  );
}

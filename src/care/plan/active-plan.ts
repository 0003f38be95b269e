import type { Sql, Tx } from '../../store/types.ts';

/** Held by everyone who makes, ends or composes the child's plan, so that two of them never cross. */
export function lockPlan(tx: Tx, patientId: string): Promise<void> {
  return tx.lock(`plan:${patientId}`);
}

/** The id of the child's active shared plan of care. */
export async function activePlanOf(sql: Sql, patientId: string): Promise<string | undefined> {
  const rows = await sql.query<{ plan_id: string }>('SELECT plan_id FROM shared_plan WHERE patient_id = $1', [
    patientId,
  ]);
  return rows[0]?.plan_id;
}

import type { Sql } from '../../../store/types.ts';

/** A row of plan_review. */
export interface ReviewRow {
  planId: string;
  patientId: string;
  /** `YYYY-MM-DD`. */
  due?: string;
  taskId?: string;
}

interface Row {
  plan_id: string;
  patient_id: string;
  due: string | null;
  task_id: string | null;
}

const columns = "plan_id, patient_id, to_char(due, 'YYYY-MM-DD') AS due, task_id";

/** The rows of these plans, held until the end of the transaction. */
export async function holdRows(sql: Sql, planIds: readonly string[]): Promise<Map<string, ReviewRow>> {
  if (planIds.length === 0) return new Map();
  const rows = await sql.query<Row>(
    `SELECT ${columns} FROM plan_review WHERE plan_id = ANY ($1) ORDER BY plan_id FOR UPDATE`,
    [planIds],
  );
  return new Map(rows.map((row) => [row.plan_id, read(row)]));
}

/** Plans whose day has passed and of which nobody was told, and those whose day is not known. */
export async function pastDue(sql: Sql, today: string, count: number): Promise<string[]> {
  const rows = await sql.query<{ plan_id: string }>(
    `SELECT plan_id FROM plan_review WHERE task_id IS NULL AND (due < $1::date OR due IS NULL)
      ORDER BY due NULLS FIRST, plan_id LIMIT $2`,
    [today, count],
  );
  return rows.map((row) => row.plan_id);
}

export async function writeRow(sql: Sql, { planId, patientId, due, taskId }: ReviewRow): Promise<void> {
  await sql.query(
    `INSERT INTO plan_review (plan_id, patient_id, due, task_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (plan_id) DO UPDATE SET patient_id = EXCLUDED.patient_id, due = EXCLUDED.due, task_id = EXCLUDED.task_id`,
    [planId, patientId, due ?? null, taskId ?? null],
  );
}

export async function removeRow(sql: Sql, planId: string): Promise<void> {
  await sql.query('DELETE FROM plan_review WHERE plan_id = $1', [planId]);
}

function read({ plan_id: planId, patient_id: patientId, due, task_id: taskId }: Row): ReviewRow {
  return { planId, patientId, ...(due !== null && { due }), ...(taskId !== null && { taskId }) };
}

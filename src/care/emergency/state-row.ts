import type { Sql, Tx } from '../../store/types.ts';
import type { Baseline, Reason, ReasonCode } from './triggers.ts';

/** A row of emergency_plan: how it stands with the check of a child's emergency plan. */
export interface PlanState {
  patientId: string;
  planId: string;
  reviewedAt: Date;
  /** Reference of whoever held the last check. */
  reviewedBy?: string;
  dueAt: Date;
  dueReason: ReasonCode;
  baseline: Baseline;
  /** What happened since the last check; what time gives is not in it (`reasonsAt`). */
  reasons: readonly Reason[];
  taskId?: string;
}

interface Row {
  patient_id: string;
  plan_id: string;
  reviewed_at: Date;
  reviewed_by: string | null;
  due_at: Date;
  due_reason: string;
  baseline: Baseline;
  reasons: Reason[];
  task_id: string | null;
}

const columns = 'patient_id, plan_id, reviewed_at, reviewed_by, due_at, due_reason, baseline, reasons, task_id';

function stateOf(row: Row): PlanState {
  return {
    patientId: row.patient_id,
    planId: row.plan_id,
    reviewedAt: row.reviewed_at,
    ...(row.reviewed_by !== null && { reviewedBy: row.reviewed_by }),
    dueAt: row.due_at,
    // Written by this file alone.
    dueReason: row.due_reason as ReasonCode,
    baseline: row.baseline,
    reasons: row.reasons,
    ...(row.task_id !== null && { taskId: row.task_id }),
  };
}

/** How it stands with a child's emergency plan; undefined without one in force. */
export async function readState(sql: Sql, patientId: string): Promise<PlanState | undefined> {
  const rows = await sql.query<Row>(
    `SELECT ${columns} FROM emergency_plan WHERE patient_id = $1`,
    [patientId],
    'emergency-plan',
  );
  return rows[0] && stateOf(rows[0]);
}

/** The same for several, held until the end of the transaction. */
export async function holdStates(tx: Pick<Tx, 'own'>, patientIds: readonly string[]): Promise<Map<string, PlanState>> {
  const rows = await tx.own.query<Row>(
    `SELECT ${columns} FROM emergency_plan WHERE patient_id = ANY ((SELECT $1::text[])::text[])
      ORDER BY patient_id FOR UPDATE`,
    [patientIds],
    'emergency-plans',
  );
  return new Map(rows.map((row) => [row.patient_id, stateOf(row)]));
}

export async function writeState(tx: Pick<Tx, 'own'>, state: PlanState): Promise<void> {
  const { patientId, planId, reviewedAt, reviewedBy = null, dueAt, dueReason, taskId = null } = state;
  await tx.own.query(
    `INSERT INTO emergency_plan (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (patient_id) DO UPDATE SET plan_id = EXCLUDED.plan_id, reviewed_at = EXCLUDED.reviewed_at,
       reviewed_by = EXCLUDED.reviewed_by, due_at = EXCLUDED.due_at, due_reason = EXCLUDED.due_reason,
       baseline = EXCLUDED.baseline, reasons = EXCLUDED.reasons, task_id = EXCLUDED.task_id`,
    [
      ...[patientId, planId, reviewedAt, reviewedBy, dueAt, dueReason],
      ...[JSON.stringify(state.baseline), JSON.stringify(state.reasons), taskId],
    ],
  );
}

export async function removeState(tx: Pick<Tx, 'own'>, patientId: string): Promise<void> {
  await tx.own.query('DELETE FROM emergency_plan WHERE patient_id = $1', [patientId]);
}

/** All reasons for a check at this moment, what time gives included; none: the plan need not be checked. */
export function reasonsAt({ reasons, dueAt, dueReason }: PlanState, now: Date): Reason[] {
  const isTold = now < dueAt || reasons.some(({ code }) => code === dueReason);
  return isTold ? [...reasons] : [...reasons, { code: dueReason, at: dueAt.toISOString() }];
}

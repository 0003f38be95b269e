import type { Sql } from './types.ts';

/** Where a reader of the change feed stands: transaction and number within it. */
export interface ChangePosition {
  transaction: string;
  seq: string;
}

/** One line of the change log. `patientId` is the first patient whose compartment holds the resource. */
export interface LoggedChange {
  position: ChangePosition;
  type: string;
  id: string;
  version: number;
  outcome: 'created' | 'updated' | 'deleted';
  patientId?: string;
}

export const feedStart: ChangePosition = { transaction: '0', seq: '0' };

interface Row {
  transaction: string;
  seq: string;
  type: string;
  id: string;
  version: number;
  outcome: LoggedChange['outcome'];
  patient_id: string | null;
}

/**
 * The next changes after a position, at most `count`. A number is taken when a row is written and not when it is committed, so a
 * reader that went by numbers alone would step over a slow transaction for ever. Only transactions older than every one that
 * still runs are shown, in the order of their ids: nothing can appear before what was shown already.
 * Source: PostgreSQL, "System Information Functions", pg_snapshot_xmin.
 */
export async function changesAfter(sql: Sql, position: ChangePosition, count: number): Promise<LoggedChange[]> {
  const rows = await sql.query<Row>(
    `SELECT transaction::text, seq::text, type, id, version, outcome, patient_id
       FROM change_log
      WHERE (transaction, seq) > ($1::xid8, $2::bigint) AND transaction < pg_snapshot_xmin(pg_current_snapshot())
      ORDER BY transaction, seq LIMIT $3`,
    [position.transaction, position.seq, count],
  );
  return rows.map(({ transaction, seq, patient_id, ...change }) => ({
    ...change,
    position: { transaction, seq },
    ...(patient_id !== null && { patientId: patient_id }),
  }));
}

import type { Sql, Tx } from '../../store/types.ts';
import type { GroupResult, MeasureDefinition, Period } from '../types.ts';

/** The rows of measure_result and measure_subject: the current answer of a measure for each child. */

/** One child's answer: what was found, or why nothing could be found. */
export interface ChildResult {
  patientId: string;
  groups?: GroupResult[];
  /** Names library and expression; never a value of the record. */
  failure?: string;
}

export interface NewResult extends ChildResult {
  inputHash: string;
  evaluatedAt: Date;
  /** `YYYY-MM-DD`; undefined when only data can change the answer. */
  nextChangeDate?: string;
}

/** How often the child's record changed for this measure. Read before the record is, and handed to `saveResult`. */
export async function revisionOf(sql: Sql, measure: string, patientId: string): Promise<string> {
  const rows = await sql.query<{ revision: string }>(
    'SELECT revision::text AS revision FROM measure_subject WHERE measure = $1 AND patient_id = $2',
    [measure, patientId],
  );
  return rows[0]?.revision ?? '0';
}

/**
 * Keeps a result. A record that changed since `revision` was read makes it stale at once: the row lock waits for a change that
 * is under way, and a change that comes later finds this row and marks it.
 */
export async function saveResult(
  sql: Sql,
  measure: MeasureDefinition,
  period: Period,
  result: NewResult,
  revision: string,
): Promise<void> {
  const key = [measure.name, result.patientId];
  await sql.query('INSERT INTO measure_subject (measure, patient_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', key);
  const rows = await sql.query<{ revision: string }>(
    'SELECT revision::text AS revision FROM measure_subject WHERE measure = $1 AND patient_id = $2 FOR UPDATE',
    key,
  );
  const state = rows[0]?.revision !== revision ? 'stale' : result.failure === undefined ? 'current' : 'error';
  await sql.query(
    `INSERT INTO measure_result (measure, patient_id, period_start, period_end, populations, evidence, input_hash,
       logic_hash, state, failure, evaluated_at, next_change_date)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (measure, patient_id, period_start, period_end) DO UPDATE SET
       populations = EXCLUDED.populations, evidence = EXCLUDED.evidence, input_hash = EXCLUDED.input_hash,
       logic_hash = EXCLUDED.logic_hash, state = EXCLUDED.state, failure = EXCLUDED.failure,
       evaluated_at = EXCLUDED.evaluated_at, next_change_date = EXCLUDED.next_change_date`,
    [
      ...key,
      period.start,
      period.end,
      result.groups ? JSON.stringify(result.groups.map(({ group, units }) => ({ group, units }))) : null,
      result.groups ? JSON.stringify(Object.fromEntries(result.groups.map((g) => [g.group, g.evidence]))) : null,
      result.inputHash,
      measure.logicHash,
      state,
      result.failure ?? null,
      result.evaluatedAt.toISOString(),
      result.nextChangeDate ?? null,
    ],
  );
}

/** The results of these children that still hold: neither stale, nor of older logic, nor overtaken by time. */
export async function currentResults(
  sql: Sql,
  measure: MeasureDefinition,
  period: Period,
  patientIds: readonly string[],
  today: string,
): Promise<ChildResult[]> {
  const rows = await sql.query<{
    patient_id: string;
    populations: Pick<GroupResult, 'group' | 'units'>[] | null;
    evidence: Record<string, string[]> | null;
    failure: string | null;
  }>(
    `SELECT patient_id, populations, evidence, failure FROM measure_result
     WHERE measure = $1 AND period_start = $2 AND period_end = $3 AND patient_id = ANY ($4) AND logic_hash = $5
       AND state IN ('current', 'error') AND (next_change_date IS NULL OR next_change_date > $6)`,
    [measure.name, period.start, period.end, patientIds, measure.logicHash, today],
  );
  return rows.map(({ patient_id, populations, evidence, failure }) => ({
    patientId: patient_id,
    groups: populations?.map((group) => ({ ...group, evidence: evidence?.[group.group] ?? [] })),
    failure: failure ?? undefined,
  }));
}

/** Marks these measures of a child as out of date, for every period. */
export function markStale(tx: Pick<Tx, 'atEnd'>, measures: readonly string[], patientId: string): void {
  tx.atEnd(
    `INSERT INTO measure_subject AS subject (measure, patient_id, revision) SELECT name, $2, 1 FROM unnest($1::text[]) AS name
     ON CONFLICT (measure, patient_id) DO UPDATE SET revision = subject.revision + 1`,
    [measures, patientId],
  );
  tx.atEnd(`UPDATE measure_result SET state = 'stale' WHERE measure = ANY ($1) AND patient_id = $2`, [
    measures,
    patientId,
  ]);
}

/** A child who is no longer there has no results. */
export async function removeResults(sql: Sql, patientId: string): Promise<void> {
  await sql.query('DELETE FROM measure_result WHERE patient_id = $1', [patientId]);
}

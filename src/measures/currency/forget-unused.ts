import type { Sql } from '../../store/types.ts';

/**
 * Forgets results of measures that cannot run any more, those of children who are gone, and answers that nobody has. In a transaction: whoever
 * keeps an answer at this moment is waited for, so that none is forgotten that is just being given.
 */
export async function forgetUnused(sql: Sql, measures: readonly string[]): Promise<void> {
  await sql.query('LOCK TABLE measure_answer IN SHARE ROW EXCLUSIVE MODE');
  await sql.query('DELETE FROM measure_result WHERE NOT measure = ANY ($1::text[])', [measures]);
  await sql.query(
    'DELETE FROM measure_result r WHERE NOT EXISTS (SELECT FROM measure_child c WHERE c.patient_id = r.patient_id AND c.present)',
  );
  await sql.query(
    'DELETE FROM measure_answer a WHERE NOT EXISTS (SELECT FROM measure_result r WHERE r.answer = a.key)',
  );
}

import type { Sql } from '../../store/types.ts';
import type { GroupResult, Period } from '../types.ts';
import { type KeptAnswer, parseAnswer, unitsOf } from './answer.ts';

/** The rows of measure_child, measure_result and measure_answer: the current answer of each measure for each child. */

/** One child's answer: what was found, or why nothing could be found. */
export interface ChildResult {
  patientId: string;
  groups?: GroupResult[];
  /** See `SubjectResult`. */
  supplemental?: Record<string, string[]>;
  /** Names library and expression; never a value of the record. */
  failure?: string;
}

/** What is known of a child before its record is read: an answer found from then on is good at least for this revision. */
export interface ChildState {
  present: boolean;
  revision: string;
  /** Names of the measures whose kept result for the period still holds. */
  current: ReadonlySet<string>;
}

/** The moment for which answers are kept. */
export interface Moment {
  period: Period;
  /** In the reporter's time zone. */
  today: string;
}

/** Which logic a result has to come from. */
export interface Version {
  name: string;
  logicHash: string;
}

/** SQL: the result `r` of child `c` still holds. Parameters: today as `$today`, logic hash as `$logic`. */
export function isCurrent(today: string, logic: string): string {
  return `(r.logic_hash = ${logic} AND r.revision >= greatest(c.all_changed, coalesce((c.changed ->> r.measure)::bigint, 0))
    AND (r.next_change_date IS NULL OR r.next_change_date > ${today}::date))`;
}

/** By child; one of whom no measure has heard is left out. */
export async function childStates(
  sql: Sql,
  { period, today }: Moment,
  measures: readonly Version[],
  patientIds: readonly string[],
): Promise<Map<string, ChildState>> {
  const rows = await sql.query<{ patient_id: string; present: boolean; revision: string; current: string[] | null }>(
    `SELECT c.patient_id, c.present, c.revision::text AS revision,
            (SELECT array_agg(r.measure) FROM measure_result r JOIN unnest($5::text[], $6::text[]) AS m (name, logic) ON m.name = r.measure
              WHERE r.patient_id = c.patient_id AND r.period_start = $2 AND r.period_end = $3
                AND ${isCurrent('$4', 'm.logic')}) AS current
       FROM measure_child c WHERE c.patient_id = ANY ($1::text[])`,
    [
      patientIds,
      period.start,
      period.end,
      today,
      measures.map(({ name }) => name),
      measures.map(({ logicHash }) => logicHash),
    ],
    'measure-child-states',
  );
  return new Map(
    rows.map(({ patient_id, present, revision, current }) => [
      patient_id,
      { present, revision, current: new Set(current ?? []) },
    ]),
  );
}

/** One row to keep. */
export interface NewResult {
  measure: string;
  patientId: string;
  /** Absent when the evaluation failed. */
  answer?: KeptAnswer;
  failure?: string;
  revision: string;
  inputHash: string;
  logicHash: string;
  valueSetHash: string;
  /** `YYYY-MM-DD`; undefined when only the record can change the answer. */
  nextChangeDate?: string;
}

/**
 * The statement that keeps results, all in one. One that was computed from an older revision than the row's is not kept; one that was
 * overtaken by a change while it was computed is, but does not count as current.
 */
export function savedResults(
  period: Period,
  evaluatedAt: Date,
  results: readonly NewResult[],
): { text: string; values: readonly unknown[] } {
  const answers = new Map(results.flatMap(({ answer }) => (answer ? [[answer.key, answer.text] as const] : [])));
  const values = [
    period.start,
    period.end,
    evaluatedAt.toISOString(),
    JSON.stringify(Array.from(answers, ([key, content]) => ({ key, content }))),
    JSON.stringify(results.map(rowOf)),
  ];
  return { text: saveText, values };
}

/** A row as `saveText` reads it; what is absent is null. */
function rowOf({ answer, ...result }: NewResult): Record<string, unknown> {
  return {
    measure: result.measure,
    patient_id: result.patientId,
    answer: answer?.key,
    failure: result.failure,
    revision: result.revision,
    input_hash: result.inputHash,
    logic_hash: result.logicHash,
    value_set_hash: result.valueSetHash,
    next_change_date: result.nextChangeDate,
    evidence: answer?.evidence,
    episodes: answer?.episodes,
  };
}

// In one order, so that two who save the same do not wait for each other in a circle. As one JSON text: lists of columns cost four times as much to write.
const saveText = `
  WITH answers AS (
    INSERT INTO measure_answer (key, content)
    SELECT key, content FROM json_to_recordset($4::json) AS a (key uuid, content text) ORDER BY key
    ON CONFLICT DO NOTHING)
  INSERT INTO measure_result AS held (measure, period_start, period_end, patient_id, answer, failure, revision, input_hash, logic_hash,
    value_set_hash, evaluated_at, next_change_date, evidence, episodes)
  SELECT g.measure, $1, $2, g.patient_id, g.answer, g.failure, g.revision, g.input_hash, g.logic_hash, g.value_set_hash, $3,
         g.next_change_date, g.evidence, g.episodes
    FROM json_to_recordset($5::json)
      AS g (measure text, patient_id text, answer uuid, failure text, revision bigint, input_hash text, logic_hash text,
            value_set_hash text, next_change_date date, evidence jsonb, episodes jsonb)
   ORDER BY g.patient_id, g.measure
  ON CONFLICT (measure, period_start, period_end, patient_id) DO UPDATE SET
    answer = EXCLUDED.answer, failure = EXCLUDED.failure, revision = EXCLUDED.revision, input_hash = EXCLUDED.input_hash,
    logic_hash = EXCLUDED.logic_hash, value_set_hash = EXCLUDED.value_set_hash, evaluated_at = EXCLUDED.evaluated_at,
    next_change_date = EXCLUDED.next_change_date, evidence = EXCLUDED.evidence, episodes = EXCLUDED.episodes
   WHERE held.revision <= EXCLUDED.revision`;

/** The kept results of one measure for these children that still hold. */
export async function currentResults(
  sql: Sql,
  { period, today }: Moment,
  measure: Version,
  patientIds: readonly string[],
): Promise<ChildResult[]> {
  const rows = await sql.query<ResultRow>(
    `SELECT r.patient_id, a.content, r.failure, r.evidence, r.episodes
       FROM measure_result r JOIN measure_child c ON c.patient_id = r.patient_id LEFT JOIN measure_answer a ON a.key = r.answer
      WHERE r.measure = $1 AND r.period_start = $2 AND r.period_end = $3 AND r.patient_id = ANY ($4::text[]) AND c.present
        AND ${isCurrent('$5', '$6')}`,
    [measure.name, period.start, period.end, patientIds, today, measure.logicHash],
    'measure-current',
  );
  return rows.map(childResult);
}

interface ResultRow {
  patient_id: string;
  content: string | null;
  failure: string | null;
  evidence: Record<string, string[]> | null;
  episodes: Record<string, string[][]> | null;
}

function childResult({ patient_id: patientId, content, failure, evidence, episodes }: ResultRow): ChildResult {
  if (content === null) return { patientId, failure: failure ?? 'The measure could not be evaluated.' };
  const { groups, supplemental } = parseAnswer(content);
  const found = groups.map(
    ({ group, units }): GroupResult => ({
      group,
      units: unitsOf(units, episodes?.[group]),
      evidence: evidence?.[group] ?? [],
    }),
  );
  return { patientId, groups: found, supplemental };
}

/** Children who are no longer there have no results. */
export async function removeResults(sql: Sql, patientIds: readonly string[]): Promise<void> {
  await sql.query('DELETE FROM measure_result WHERE patient_id = ANY ($1::text[])', [patientIds], 'measure-remove');
}

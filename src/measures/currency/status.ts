import type { Sql } from '../../store/types.ts';
import { dayOf } from './day.ts';
import type { PreparedMeasure } from './prepared.ts';
import { isCurrent } from './results.ts';
import { yearOfDay } from './year.ts';

/** How current the answers to one measure are, for the calendar year of now. */
export interface MeasureStatus {
  measure: string;
  current: number;
  /** Of the current ones: children for whom it could not be evaluated. */
  failed: number;
  /** Out of date, or not there yet. */
  pending: number;
}

export interface Status {
  children: number;
  measures: MeasureStatus[];
  /** How long the child that waits the longest has been waiting for an evaluation. */
  secondsBehind: number;
}

export async function statusOf(
  sql: Sql,
  measures: readonly PreparedMeasure[],
  { now, zone }: { now: Date; zone: string },
): Promise<Status> {
  const today = dayOf(now, zone);
  const period = yearOfDay(today);
  const rows = await sql.query<{ measure: string; current: string; failed: string }>(
    `SELECT r.measure, count(*) AS current, count(*) FILTER (WHERE r.answer IS NULL) AS failed
       FROM measure_result r JOIN measure_child c ON c.patient_id = r.patient_id AND c.present
       JOIN unnest($4::text[], $5::text[]) AS m (name, logic) ON m.name = r.measure
      WHERE r.period_start = $1 AND r.period_end = $2 AND ${isCurrent('$3', 'm.logic')} GROUP BY r.measure`,
    [period.start, period.end, today, measures.map(({ name }) => name), measures.map(({ logicHash }) => logicHash)],
  );
  const [{ children = '0', behind = null } = {}] = await sql.query<{ children: string; behind: number | null }>(
    `SELECT (SELECT count(*) FROM measure_child WHERE present) AS children,
            (SELECT extract(epoch FROM now() - min(c.changed_at)) FROM job j JOIN measure_child c ON c.patient_id = j.key
              WHERE j.kind = 'measures.evaluate' AND j.state IN ('ready', 'running'))::float8 AS behind`,
  );
  const byName = new Map(rows.map((row) => [row.measure, row]));
  return {
    children: Number(children),
    secondsBehind: Math.max(0, behind ?? 0),
    measures: measures.map(({ name }) => {
      const current = Number(byName.get(name)?.current ?? 0);
      const failed = Number(byName.get(name)?.failed ?? 0);
      return { measure: name, current, failed, pending: Math.max(0, Number(children) - current) };
    }),
  };
}

import { limits } from '../../base/limits.ts';
import type { Sql } from '../../store/types.ts';
import type { StatePlace } from './state-content.ts';

/** One state as it is stored. */
export interface StateRow {
  id: string;
  version: number;
  place: StatePlace;
  circle: string;
  /** Undefined once it was deleted. */
  content: string | undefined;
  updatedAt: Date;
}

interface Row {
  id: string;
  version: number;
  code_system: string;
  code: string;
  subject: string | null;
  circle: string;
  content: string | null;
  updated_at: Date;
}

const columns = 'id, version, code_system, code, subject, circle, content, updated_at';

function rowOf(row: Row): StateRow {
  const place: StatePlace = { code: { system: row.code_system, code: row.code } };
  if (row.subject !== null) place.subject = row.subject;
  const { id, version, circle, content, updated_at: updatedAt } = row;
  return { id, version, place, circle, content: content ?? undefined, updatedAt };
}

export async function findState(sql: Sql, id: string): Promise<StateRow | undefined> {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(id)) return undefined;
  const [row] = await sql.query<Row>(`SELECT ${columns} FROM app_state WHERE id = $1`, [id]);
  return row && rowOf(row);
}

/** The states of one code and subject in one circle, by age. */
export async function statesAt(sql: Sql, { code, subject }: StatePlace, circle: string): Promise<StateRow[]> {
  const rows = await sql.query<Row>(
    `SELECT ${columns} FROM app_state
     WHERE code_system = $1 AND code = $2 AND subject IS NOT DISTINCT FROM $3 AND circle = $4 AND content IS NOT NULL
     ORDER BY updated_at, id LIMIT ${limits.appState.ofOnePlace}`,
    [code.system, code.code, subject ?? null, circle],
  );
  return rows.map(rowOf);
}

/** False when there are as many of this place already as may be. */
export async function addState(sql: Sql, { id, place, circle, content, updatedAt }: StateRow): Promise<boolean> {
  const { code, subject } = place;
  const rows = await sql.query(
    `INSERT INTO app_state (${columns}) SELECT $1, 1, $2, $3, $4, $5, $6, $7
     WHERE (SELECT count(*) FROM app_state
       WHERE code_system = $2 AND code = $3 AND subject IS NOT DISTINCT FROM $4 AND circle = $5 AND content IS NOT NULL)
       < ${limits.appState.ofOnePlace}
     RETURNING id`,
    [id, code.system, code.code, subject ?? null, circle, content, updatedAt],
  );
  return rows.length === 1;
}

/** Writes the next version, or its end (content undefined); false when it is no longer at that version. */
export async function replaceState(
  sql: Sql,
  { id, version }: Pick<StateRow, 'id' | 'version'>,
  content: string | undefined,
  now: Date,
): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE app_state SET version = version + 1, content = $3, updated_at = $4
     WHERE id = $1 AND version = $2 AND content IS NOT NULL RETURNING id`,
    [id, version, content ?? null, now],
  );
  return rows.length === 1;
}

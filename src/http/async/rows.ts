import type { Sql } from '../../store/types.ts';

/** The rows of async_request. */
export interface LaterRow {
  id: string;
  owner: string;
  request: string;
  state: 'running' | 'done' | 'failed';
  progress: string;
  answer: string | null;
  asked_at: Date;
  heard_at: Date;
}

export async function addRow(
  sql: Sql,
  { id, owner, request }: Pick<LaterRow, 'id' | 'owner' | 'request'>,
  now: Date,
): Promise<void> {
  await sql.query(
    `INSERT INTO async_request (id, owner, request, state, progress, asked_at, heard_at)
     VALUES ($1, $2, $3, 'running', 'started', $4, $4)`,
    [id, owner, request, now.toISOString()],
  );
}

export async function findRow(sql: Sql, id: string, owner: string): Promise<LaterRow | undefined> {
  const rows = await sql.query<LaterRow>('SELECT * FROM async_request WHERE id = $1 AND owner = $2', [id, owner]);
  return rows[0];
}

/** Says that it is still running. False when it was forgotten meanwhile. */
export async function hearOf(sql: Sql, id: string, progress: string, now: Date): Promise<boolean> {
  const rows = await sql.query(
    "UPDATE async_request SET progress = $2, heard_at = $3 WHERE id = $1 AND state = 'running' RETURNING id",
    [id, progress, now.toISOString()],
  );
  return rows.length > 0;
}

export async function endRow(sql: Sql, id: string, state: 'done' | 'failed', answer: string, now: Date): Promise<void> {
  await sql.query('UPDATE async_request SET state = $2, answer = $3, heard_at = $4 WHERE id = $1', [
    id,
    state,
    answer,
    now.toISOString(),
  ]);
}

export async function forgetRow(sql: Sql, id: string, owner: string): Promise<boolean> {
  const rows = await sql.query('DELETE FROM async_request WHERE id = $1 AND owner = $2 RETURNING id', [id, owner]);
  return rows.length > 0;
}

/** Forgets answers that nobody fetched in time, and what was lost long ago. */
export async function forgetOld(sql: Sql, before: Date): Promise<void> {
  await sql.query('DELETE FROM async_request WHERE heard_at < $1', [before.toISOString()]);
}

export async function countRunning(sql: Sql, owner: string, heardAfter: Date): Promise<{ own: number; all: number }> {
  const [row] = await sql.query<{ own: string; all: string }>(
    `SELECT count(*) FILTER (WHERE owner = $1) AS own, count(*) AS all FROM async_request WHERE state = 'running' AND heard_at > $2`,
    [owner, heardAfter.toISOString()],
  );
  return { own: Number(row?.own ?? 0), all: Number(row?.all ?? 0) };
}

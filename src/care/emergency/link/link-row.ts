import type { Sql } from '../../../store/types.ts';
import type { Sealed } from './seal.ts';

/** A row of emergency_link. */
export interface LinkRow {
  id: string;
  patient_id: string;
  made_by: string;
  label: string;
  language: string;
  salt: Buffer;
  sealed: Buffer | null;
  has_passcode: boolean;
  attempts_left: number;
  made_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  ended_why: 'revoked' | 'passcodes' | null;
  opened: number;
  opened_at: Date | null;
  noticed_on: string | null;
}

const columns =
  'id, patient_id, made_by, label, language, salt, sealed, has_passcode, attempts_left, made_at, expires_at, ended_at, ended_why, opened, opened_at, noticed_on::text AS noticed_on';

export async function addLink(
  sql: Sql,
  row: Pick<LinkRow, 'id' | 'patient_id' | 'made_by' | 'label' | 'language' | 'has_passcode' | 'attempts_left'> &
    Pick<LinkRow, 'made_at' | 'expires_at'> &
    Sealed & { digest: Buffer },
): Promise<void> {
  await sql.query(
    `INSERT INTO emergency_link (id, digest, patient_id, made_by, label, language, salt, sealed, has_passcode, attempts_left, made_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      ...[row.id, row.digest, row.patient_id, row.made_by, row.label, row.language, row.salt, row.sealed],
      ...[row.has_passcode, row.attempts_left, row.made_at, row.expires_at],
    ],
  );
}

/** The link of an address; `held`: until the end of the transaction nobody else changes it. */
export async function linkAt(sql: Sql, digest: Buffer, held: boolean): Promise<LinkRow | undefined> {
  const lock = held ? ' FOR UPDATE' : '';
  const [row] = await sql.query<LinkRow>(`SELECT ${columns} FROM emergency_link WHERE digest = $1${lock}`, [digest]);
  return row;
}

/** The newest links of a child, ended ones too. */
export async function linksOf(sql: Sql, patientId: string, most: number): Promise<LinkRow[]> {
  return sql.query<LinkRow>(
    `SELECT ${columns} FROM emergency_link WHERE patient_id = $1 ORDER BY made_at DESC, id LIMIT $2`,
    [patientId, most],
  );
}

/** How many of a child's links can be opened. */
export async function openLinks(sql: Sql, patientId: string, now: Date): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM emergency_link WHERE patient_id = $1 AND sealed IS NOT NULL AND expires_at > $2',
    [patientId, now],
  );
  return row?.count ?? 0;
}

/** Ends a link for good: its key is gone, and so are files that wait to be fetched. False: there was none that could be opened. */
export async function endLink(
  sql: Sql,
  link: { id: string; patientId: string },
  why: 'revoked' | 'passcodes',
  now: Date,
): Promise<boolean> {
  const ended = await sql.query(
    `UPDATE emergency_link SET sealed = NULL, ended_at = $3, ended_why = $4
      WHERE id = $1 AND patient_id = $2 AND sealed IS NOT NULL RETURNING id`,
    [link.id, link.patientId, now, why],
  );
  if (ended.length > 0) await sql.query('DELETE FROM emergency_link_file WHERE link_id = $1', [link.id]);
  return ended.length > 0;
}

export async function countWrong(sql: Sql, id: string): Promise<number> {
  const [row] = await sql.query<{ attempts_left: number }>(
    'UPDATE emergency_link SET attempts_left = attempts_left - 1 WHERE id = $1 AND attempts_left > 0 RETURNING attempts_left',
    [id],
  );
  return row?.attempts_left ?? 0;
}

/** Notes that it was opened. True: nobody was told of that today. */
export async function countOpening(sql: Sql, id: string, now: Date): Promise<boolean> {
  const today = now.toISOString().slice(0, 10);
  const [row] = await sql.query<{ before: string | null }>(
    `UPDATE emergency_link SET opened = opened + 1, opened_at = $2, noticed_on = $3::date
       FROM (SELECT id AS known, noticed_on::text AS before FROM emergency_link WHERE id = $1 FOR UPDATE) AS held
      WHERE id = known RETURNING before`,
    [id, now, today],
  );
  return row !== undefined && row.before !== today;
}

export async function keepFile(
  sql: Sql,
  file: { digest: Buffer; linkId: string; body: string; expiresAt: Date },
  now: Date,
): Promise<void> {
  await sql.query('DELETE FROM emergency_link_file WHERE expires_at <= $1', [now]);
  await sql.query('INSERT INTO emergency_link_file (digest, link_id, body, expires_at) VALUES ($1, $2, $3, $4)', [
    ...[file.digest, file.linkId, file.body, file.expiresAt],
  ]);
}

/** A file is handed out once. */
export async function takeFile(
  sql: Sql,
  digest: Buffer,
  now: Date,
): Promise<{ body: string; patientId: string; linkId: string } | undefined> {
  const [row] = await sql.query<{ body: string; patient_id: string; link_id: string }>(
    `DELETE FROM emergency_link_file AS file USING emergency_link AS link
      WHERE file.digest = $1 AND link.id = file.link_id AND file.expires_at > $2
        AND link.sealed IS NOT NULL AND link.expires_at > $2
      RETURNING file.body, link.patient_id, link.id AS link_id`,
    [digest, now],
  );
  return row && { body: row.body, patientId: row.patient_id, linkId: row.link_id };
}

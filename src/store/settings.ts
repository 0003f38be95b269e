import type { Sql } from './types.ts';

/** A secret the server makes for itself once; whoever comes second gets the first one's. */
export async function serverSecret(sql: Sql, name: string, make: () => Promise<Buffer>): Promise<Buffer> {
  const kept = await secretNamed(sql, name);
  if (kept) return kept;
  await sql.query('INSERT INTO server_secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    name,
    await make(),
  ]);
  return (await secretNamed(sql, name)) ?? serverSecret(sql, name, make);
}

async function secretNamed(sql: Sql, name: string): Promise<Buffer | undefined> {
  const [row] = await sql.query<{ value: Buffer }>('SELECT value FROM server_secret WHERE name = $1', [name]);
  return row?.value;
}

/** What was decided once for this store; undefined when it never was. */
export async function serverSetting(sql: Sql, name: string): Promise<unknown> {
  const [row] = await sql.query<{ value: unknown }>('SELECT value FROM server_setting WHERE name = $1', [name]);
  return row?.value;
}

export async function keepServerSetting(sql: Sql, name: string, value: unknown): Promise<void> {
  await sql.query(
    `INSERT INTO server_setting (name, value) VALUES ($1, $2::jsonb)
     ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = now()`,
    [name, JSON.stringify(value)],
  );
}

/** Adds members to what was decided, beside those that are there; the last word counts of each. */
export async function addToServerSetting(sql: Sql, name: string, members: Record<string, unknown>): Promise<void> {
  await sql.query(
    `INSERT INTO server_setting AS kept (name, value) VALUES ($1, $2::jsonb)
     ON CONFLICT (name) DO UPDATE SET value = kept.value || excluded.value, changed_at = now()`,
    [name, JSON.stringify(members)],
  );
}

import { type Query, type ResourceRow, resourceColumns, toStored } from '../rows.ts';
import type { Stored } from '../types.ts';

/** The current version with its row locked until the end of the transaction. */
export async function lockRow(
  query: Query,
  type: string,
  id: string,
): Promise<{ key: string; stored: Stored } | undefined> {
  const rows = await query<ResourceRow>(
    `SELECT ${resourceColumns} FROM resource r WHERE r.type = $1 AND r.id = $2 FOR UPDATE`,
    [type, id],
    'lock-row',
  );
  return rows[0] && { key: rows[0].key, stored: toStored(rows[0]) };
}

import { limits } from '../../base/limits.ts';
import type { StoreParts } from '../parts.ts';
import { type Query, type ResourceRow, resourceColumns, toStored } from '../rows.ts';
import type { Stored, Visibility } from '../types.ts';
import { alike, visibleSql } from '../visibility.ts';
import { statement } from './statement.ts';

/**
 * Resources of the types that the reader may see and that meet one more condition, in the order of creation: at most one more
 * than may be included, which tells the caller that there are too many. `isNarrow`: the condition says where they are found, whatever
 * its values, so that the statement can be planned once for all of them.
 */
export async function readVisible(
  query: Query,
  parts: StoreParts,
  visibility: Visibility,
  types: readonly string[],
  condition: (add: (value: unknown, type: string) => string) => string,
  isNarrow = false,
): Promise<Stored[]> {
  const { definitions } = parts;
  const found: Stored[] = [];
  for (const same of alike(definitions, visibility, types)) {
    const into = statement();
    const visible = visibleSql(definitions, visibility, same[0] ?? '', into.add);
    if (visible === false) continue;
    const all = [`r.type = ANY (${into.add(same, 'text[]')})`, 'NOT r.deleted', condition(into.add)];
    if (visible !== undefined) all.push(visible);
    const text = `SELECT ${resourceColumns} FROM resource r WHERE ${all.join(' AND ')} ORDER BY r.key LIMIT ${limits.search.maxIncluded + 1}`;
    const rows = await query<ResourceRow>(text, into.values, isNarrow ? parts.shapeName?.(text) : undefined);
    found.push(...rows.map(toStored));
  }
  return found;
}

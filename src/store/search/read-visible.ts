import { limits } from '../../base/limits.ts';
import { reachOf } from '../../fhir/patient-reach.ts';
import type { StoreParts } from '../parts.ts';
import { type Query, type ResourceRow, resourceColumns, toStored } from '../rows.ts';
import type { Stored, Visibility } from '../types.ts';
import { visibleSql } from '../visibility.ts';
import { statement } from './statement.ts';

/**
 * Resources of the types that the reader may see and that meet one more condition, in the order of creation: at most one more
 * than may be included, which tells the caller that there are too many.
 */
export async function readVisible(
  query: Query,
  parts: StoreParts,
  visibility: Visibility,
  types: readonly string[],
  condition: (add: (value: unknown, type: string) => string) => string,
): Promise<Stored[]> {
  const { definitions } = parts;
  const found: Stored[] = [];
  // Types within the same reach have the same predicate.
  for (const [first, ...others] of Map.groupBy(types, (type) => reachOf(definitions, type)).values()) {
    if (first === undefined) continue;
    const into = statement();
    const seen = [first, ...others].filter((type) => visibleSql(definitions, visibility, type, () => '') !== false);
    if (seen.length === 0) continue;
    const visible = visibleSql(definitions, visibility, seen[0] ?? first, (value) => into.add(value, 'text'));
    const all = [`r.type = ANY (${into.add(seen, 'text[]')})`, 'NOT r.deleted', condition(into.add)];
    if (typeof visible === 'string') all.push(visible);
    const rows = await query<ResourceRow>(
      `SELECT ${resourceColumns} FROM resource r WHERE ${all.join(' AND ')} ORDER BY r.key LIMIT ${limits.search.maxIncluded + 1}`,
      into.values,
    );
    found.push(...rows.map(toStored));
  }
  return found;
}

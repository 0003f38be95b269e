import type { Query } from '../rows.ts';
import type { ShapeName } from '../shape-names.ts';
import type { Statement } from './statement.ts';

/** Up to so many rows, each is asked the rest whatever is wanted of them. */
export const fewGathered = 2000;

/** Rows of a side table that meet one condition, by the numbers of their resources. */
export interface Gathered {
  size: number;
  /** The numbers, ascending and each once, as PostgreSQL writes and reads an array: nobody here looks at them one by one. */
  keys: string;
}

/**
 * The keys that `rows` (a SELECT of one column, `key`) leads to, those of them for which `further` holds about a row `g`. Undefined
 * when there are more than `most`. `shapeName`: `rows` are found by one index whatever the values, so one plan is right for all of them.
 */
export async function gather(
  query: Query,
  rows: string,
  into: Statement,
  most: number,
  further: readonly string[] = [],
  shapeName?: ShapeName,
): Promise<Gathered | undefined> {
  const kept = further.length === 0 ? '' : ` FILTER (WHERE ${further.join(' AND ')})`;
  const text = `SELECT count(*)::integer AS size, CASE WHEN count(*) <= ${most} THEN array_agg(DISTINCT g.key)${kept}::text END AS keys
       FROM (SELECT * FROM (${rows}) u LIMIT ${most + 1}) g`;
  const [found] = await query<{ size: number; keys: string | null }>(text, into.values, shapeName?.(text));
  if (!found || found.size > most) return undefined;
  return { size: found.size, keys: found.keys ?? '{}' };
}

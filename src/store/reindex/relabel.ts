import { ownCategories, sourceLockCount } from '../categories.ts';
import { parseContent } from '../content.ts';
import type { StoreParts } from '../parts.ts';
import type { Sql } from '../types.ts';
import { readStretch } from './rewrite.ts';

/**
 * Gives the next records after a key the privacy categories that `categorize` says now, and what they inherit; to be called in a transaction,
 * from '0' until it answers undefined, whenever a policy says otherwise than the one before. Before the first call, `keepInheritance`. A record
 * that is written meanwhile has its categories by that write. Deleted ones keep theirs.
 */
export async function relabel(
  sql: Sql,
  { categorize }: Required<Pick<StoreParts, 'categorize'>>,
  after: string,
  count: number,
): Promise<string | undefined> {
  const rows = await readStretch((text, values) => sql.query(text, values), after, { count });
  const last = rows.at(-1);
  if (!last) return undefined;
  const living = rows.filter(({ content }) => content !== '');
  // Nobody changes what these inherit from while it is looked up.
  await sql.query('SELECT pg_advisory_xact_lock_shared(7262018, n) FROM generate_series(0, $1::integer - 1) AS n', [
    sourceLockCount,
  ]);
  const found = living.map(({ content }) => ownCategories(categorize, parseContent(content)));
  await sql.query(
    `UPDATE resource r SET own_categories = g.own, categories = g.own | inherited_categories(r),
            part_categories = CASE WHEN r.part_categories IS NOT NULL THEN g.parts END
       FROM unnest($1::bigint[], $2::integer[], $3::bigint[], $4::bigint[]) AS g (key, version, own, parts)
      WHERE r.key = g.key AND r.version = g.version
        AND (r.own_categories <> g.own OR r.categories <> (g.own | inherited_categories(r)) OR r.part_categories <> g.parts)`,
    [
      living.map(({ key }) => key),
      living.map(({ version }) => version),
      found.map(({ own }) => own.toString()),
      found.map(({ own, rest }) => (own & ~rest).toString()),
    ],
  );
  return last.key;
}

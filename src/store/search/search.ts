import { ok, type Result } from '../../base/errors.ts';
import type { SearchQuery } from '../../fhir/search/query.ts';
import type { StoreParts } from '../parts.ts';
import { type Query, toStored } from '../rows.ts';
import type { SearchPage, Visibility } from '../types.ts';
import { amongDates } from './among-dates.ts';
import { amongNumbers } from './among-numbers.ts';
import { byWords } from './by-words.ts';
import { countMatches } from './count.ts';
import { included } from './include.ts';
import { measured } from './measure.ts';
import { matchPage } from './page.ts';
import { isScoped } from './where.ts';

/**
 * Answers a parsed search. A page is found by where the page before ended, so records written meanwhile shift nothing; without
 * `_sort` the order is that of creation. An estimated total is an accurate one. Errors: `invalid` (cursor, unsupported filter), `too-large` (too many includes).
 */
export async function search(
  query: Query,
  parts: StoreParts,
  wanted: SearchQuery,
  visibility: Visibility,
): Promise<Result<SearchPage>> {
  const sized = await measured(query, parts, wanted, visibility);
  if (!sized.ok) return sized;
  const [only, ...others] = sized.value;
  const isOverAll = only && others.length === 0 && !isScoped(parts, wanted, only, visibility);
  const narrowed = isOverAll ? [await amongNumbers(query, await amongDates(query, parts, only))] : sized.value;
  const branches = await byWords(query, parts, wanted, narrowed, visibility);
  if (!branches.ok) return branches;
  const found = await matchPage(query, parts, wanted, branches.value, visibility);
  if (!found.ok) return found;
  const { rows, next } = found.value;
  const matches = rows.map(toStored);
  const more = await included(query, parts, wanted, visibility, matches);
  if (!more.ok) return more;
  const page: SearchPage = { matches, included: more.value };
  if (next !== undefined) page.next = next;
  if (wanted.total === 'none' && wanted.summary !== 'count') return ok(page);
  const isWhole = wanted.cursor === undefined && next === undefined && wanted.count > 0;
  const total = isWhole ? ok(matches.length) : await countMatches(query, parts, wanted, branches.value, visibility);
  if (!total.ok) return total;
  return ok({ ...page, total: total.value });
}

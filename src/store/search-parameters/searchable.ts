import { fail, ok, type Result } from '../../base/errors.ts';
import type { SearchParam, SearchQuery } from '../../fhir/search/query.ts';
import type { SearchPage, Sql } from '../types.ts';
import { beingIndexed, type Catalog, type Registered } from './catalog.ts';

interface Used extends Registered {
  code: string;
}

/**
 * Answers a search by added parameters completely or not at all: each must be ready, and the same before and after. Errors: `invalid`
 * naming the parameter and how far its index is; `busy` when it was changed since the search was read (`Store.refresh`, then
 * read it again).
 */
export async function searchable(
  sql: Sql,
  catalog: Catalog | undefined,
  wanted: SearchQuery,
  search: () => Promise<Result<SearchPage>>,
): Promise<Result<SearchPage>> {
  const used = !catalog || catalog.isPlain() ? [] : usedIn(catalog, wanted);
  if (used.length === 0) return search();
  const before = used.every(({ ready }) => ready) ? ok(undefined) : await standing(sql, used);
  if (!before.ok) return before;
  const found = await search();
  // Asked afterwards: what was written by newer definitions before the search looked is known then.
  const after = await standing(sql, used);
  return after.ok ? found : after;
}

async function standing(sql: Sql, used: readonly Used[]): Promise<Result<void>> {
  const rows = await sql.query<{ id: string; generation: number; ready: boolean; percent: number }>(
    `SELECT id, generation, ready, least(99, coalesce(100 * done / nullif(total, 0), 0)) AS percent
       FROM search_parameter WHERE id = ANY ($1)`,
    [used.map(({ id }) => id)],
  );
  for (const { id, generation, code } of used) {
    const row = rows.find((one) => one.id === id);
    if (row?.generation !== generation)
      return fail('busy', `Search parameter '${code}' has just been changed. Ask again.`, {
        code: 'transient',
        retryAfterSeconds: 1,
      });
    if (!row.ready) return beingIndexed(code, row.percent);
  }
  return ok(undefined);
}

/** The added parameters anywhere in a query: in conditions of any depth, orders and includes. */
function usedIn(catalog: Catalog, wanted: SearchQuery): Used[] {
  const used = new Map<string, Used>();
  const note = (param: SearchParam) => {
    const registered = catalog.registered(param);
    if (registered) used.set(registered.id, { ...registered, code: param.code });
  };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === 'object' && value !== null) {
      if (isParam(value)) note(value);
      else Object.values(value).forEach(visit);
    }
  };
  visit(wanted);
  for (const { param, sourceType } of wanted.revincludes) {
    if (param === '*') for (const each of catalog.definitions.searchParams(sourceType).values()) note(each);
  }
  return [...used.values()];
}

function isParam(value: object): value is SearchParam {
  return 'code' in value && 'kind' in value && 'expression' in value;
}

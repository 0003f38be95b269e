import { ok, type Result } from '../base/errors.ts';
import type { Filter, SearchParam, SearchValue, SortKey } from '../fhir/search/query.ts';
import type { Resource } from '../fhir/types.ts';
import type { Reader, Visibility } from '../store/types.ts';
import { resourceOf } from './stored.ts';

/** One condition on a search parameter of FHIR R4 that is always here, e.g. `where('Observation', 'code', 'token', …)`. */
export function where(type: string, code: string, kind: SearchParam['kind'], ...values: SearchValue[]): Filter {
  return { kind: 'filter', param: param(type, code, kind), values };
}

export function orderedBy(type: string, code: string, kind: SearchParam['kind'], descending = false): SortKey {
  return { param: param(type, code, kind), descending };
}

function param(type: string, code: string, kind: SearchParam['kind']): SearchParam {
  return { code, kind, expression: `${type}.${code}` };
}

export interface Asked {
  type: string;
  filters: Filter[];
  sort?: SortKey[];
  count: number;
  cursor?: string;
}

/** What of this type meets all conditions and the visibility shows; a page of it. */
export async function foundBy(
  reader: Reader,
  { type, filters, sort = [], count, cursor }: Asked,
  visibility: Visibility,
): Promise<Result<{ resources: Resource[]; next?: string }>> {
  const query = { type, filters, includes: [], revincludes: [], sort, count, total: 'none' as const };
  const page = await reader.search(cursor === undefined ? query : { ...query, cursor }, visibility);
  if (!page.ok) return page;
  const { matches, next } = page.value;
  return ok({ resources: matches.map(resourceOf), ...(next !== undefined && { next }) });
}

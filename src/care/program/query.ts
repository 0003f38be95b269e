import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Filter, SearchQuery, SearchValue } from '../../fhir/search/query.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Reader, Visibility } from '../../store/types.ts';
import { resourceOf } from '../stored.ts';

const pagesMax = 20;

/** A search by one reference parameter, as the rooms ask. */
export function byReference(code: string, reference: string): Filter {
  const [type, id] = reference.split('/');
  return filterOf(code, 'reference', { kind: 'reference', ...(type && { type }), ...(id && { id }) });
}

/** A search by any code of a system. */
export function bySystem(code: string, system: string): Filter {
  return filterOf(code, 'token', { kind: 'token', system });
}

function filterOf(code: string, kind: 'reference' | 'token', value: SearchValue): Filter {
  return { kind: 'filter', param: { code, kind, expression: '' }, values: [value] };
}

/** All resources of a type that meet the filters and that the visibility shows. Error `too-large`. */
export async function allOf(
  reader: Reader,
  type: string,
  filters: readonly Filter[],
  visibility: Visibility,
): Promise<Result<Resource[]>> {
  const query: SearchQuery = {
    type,
    filters: [...filters],
    includes: [],
    revincludes: [],
    sort: [],
    count: limits.search.maxCount,
    total: 'none',
  };
  const found: Resource[] = [];
  for (let page = 0; page < pagesMax; page += 1) {
    const answer = await reader.search(query, visibility);
    if (!answer.ok) return answer;
    found.push(...answer.value.matches.map(resourceOf));
    if (answer.value.next === undefined) return ok(found);
    query.cursor = answer.value.next;
  }
  return fail('too-large', `There are too many ${type} records to look through.`);
}

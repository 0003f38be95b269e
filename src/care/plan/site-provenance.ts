import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { isMirror, mirrorSite } from '../../fhir/mirror.ts';
import type { SearchParam, SearchQuery } from '../../fhir/search/query.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Reader, Stored, Visibility } from '../../store/types.ts';

/** Of each site that something came from, a record that it sent: its Provenance tells the site's name. */
export function siteSamples(resources: readonly Resource[]): Resource[] {
  return [...new Map(resources.flatMap((one) => (isMirror(one) ? [[mirrorSite(one), one] as const] : []))).values()];
}

/** The Provenances of these records that the visibility shows, in one search. */
export async function provenancesOf(
  reader: Reader,
  targets: readonly Resource[],
  visibility: Visibility,
): Promise<Result<Stored[]>> {
  if (targets.length === 0) return ok([]);
  const target: SearchParam = { code: 'target', kind: 'reference', expression: 'Provenance.target' };
  const values = targets.map(({ resourceType: type, id }) => ({ kind: 'reference' as const, type, id }));
  const query: SearchQuery = {
    type: 'Provenance',
    filters: [{ kind: 'filter', param: target, values }],
    includes: [],
    revincludes: [],
    sort: [],
    count: limits.search.maxCount,
    total: 'none',
  };
  const answer = await reader.search(query, visibility);
  return answer.ok ? ok(answer.value.matches) : answer;
}

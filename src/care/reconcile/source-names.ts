import { visibilityOf } from '../../access/decide.ts';
import type { Principal } from '../../access/types.ts';
import { isMirror, mirrorSite } from '../../fhir/mirror.ts';
import { indexOf } from '../../fhir/plan-view/index-of.ts';
import type { SearchParam, SearchQuery } from '../../fhir/search/query.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Reader } from '../../store/types.ts';
import { resourceOf } from '../stored.ts';
import { importSystem } from './import/import-system.ts';

/** Where a record comes from, in words. */
export type SourceName = (site: string | undefined) => string;

/**
 * Names of hospitals, from the Provenance of something that each has sent. Whoever is not told where the child is, is not told either
 * which hospital looks after it.
 */
export async function sourceNames(
  reader: Reader,
  resources: readonly Resource[],
  principal: Principal,
  patientId: string,
): Promise<SourceName> {
  const samples = new Map(resources.filter(isMirror).map((one) => [mirrorSite(one), one]));
  if (principal.view?.redaction?.withoutWhereabouts.includes(patientId)) {
    const sites = [...samples.keys()].sort();
    return (site) =>
      site === undefined ? 'Careweave' : isImport(site) ? imported : `Hospital ${sites.indexOf(site) + 1}`;
  }
  const visibility = visibilityOf(principal, 'r');
  const told: Resource[] = [];
  for (const { resourceType: type, id } of samples.values()) {
    const answer = await reader.search(provenanceOf(type, id), visibility);
    if (answer.ok) told.push(...answer.value.matches.map(resourceOf));
  }
  const index = indexOf([...resources, ...told], new Map());
  return (site) => {
    if (site === undefined) return 'Careweave';
    return isImport(site) ? imported : (index.siteName(site) ?? site);
  };
}

const imported = 'Imported plan';
const isImport = (site: string) => site.startsWith(`${importSystem}:`);

function provenanceOf(type: string, id: string | undefined): SearchQuery {
  const target: SearchParam = { code: 'target', kind: 'reference', expression: 'Provenance.target' };
  return {
    type: 'Provenance',
    filters: [{ kind: 'filter', param: target, values: [{ kind: 'reference', type, id }] }],
    includes: [],
    revincludes: [],
    sort: [],
    count: 1,
    total: 'none',
  };
}

import { fail, ok, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { SearchQuery } from '../fhir/search/query.ts';
import type { Resource } from '../fhir/types.ts';
import type { Reader, Visibility } from '../store/types.ts';
import { childOf } from './child.ts';
import { resourceOf } from './stored.ts';

const pagesMax = 100;

/**
 * All resources of these types that are about the child, read through the child's compartment. A compartment also holds what
 * the child merely took part in (a twin's plan), so what is about someone else is left out here.
 */
export async function resourcesOfChild(
  reader: Reader,
  patientId: string,
  types: readonly string[],
): Promise<Result<Resource[]>> {
  const found: Resource[] = [];
  for (const type of types) {
    const some = await allOf(reader, type, {
      kind: 'limited',
      grants: [{ types: new Set([type]), patients: [patientId] }],
    });
    if (!some.ok) return some;
    found.push(...some.value.filter((resource) => childOf(resource) === patientId));
  }
  return ok(found);
}

async function allOf(reader: Reader, type: string, visibility: Visibility): Promise<Result<Resource[]>> {
  const query: SearchQuery = {
    type,
    filters: [],
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
  return fail('too-large', 'The record of this child is larger than a plan can be composed from.');
}

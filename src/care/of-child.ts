import { fail, ok, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Resource } from '../fhir/types.ts';
import type { Reader } from '../store/types.ts';
import { childOf } from './child.ts';
import { resourceOf } from './stored.ts';

const pagesMax = 100;

/**
 * All resources of these types that are about the child, read through the child's compartment in as few statements as there are pages. A compartment
 * also holds what the child merely took part in (a twin's plan), so what is about someone else is left out here.
 */
export async function resourcesOfChild(
  reader: Reader,
  patientId: string,
  types: readonly string[],
): Promise<Result<Resource[]>> {
  const found: Resource[] = [];
  const visibility = { kind: 'limited', grants: [{ types: new Set(types), patients: [patientId] }] } as const;
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const wanted = { patientId, types, count: limits.search.maxCount, ...(cursor !== undefined && { cursor }) };
    const answer = await reader.compartment(wanted, visibility);
    if (!answer.ok) return answer;
    found.push(...answer.value.matches.map(resourceOf).filter((resource) => childOf(resource) === patientId));
    cursor = answer.value.next;
    if (cursor === undefined) return ok(found);
  }
  return fail('too-large', 'The record of this child is larger than a plan can be composed from.');
}

import { createHash } from 'node:crypto';
import { ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import { parseJson } from '../../fhir/json.ts';
import type { SearchQuery } from '../../fhir/search/query.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Reader, Stored, Visibility } from '../../store/types.ts';

/** What a measure reads of one child: the Patient first, then the records of the asked types. */
export interface Slice {
  resources: Resource[];
  /** Changes when any of the resources does. */
  inputHash: string;
}

export function everything(type: string, cursor: string | undefined, count: number): SearchQuery {
  return { type, filters: [], includes: [], revincludes: [], sort: [], count, total: 'none', cursor };
}

/** The patient that a record is about, by its `subject` or `patient`: an id, or undefined. */
export function patientOf(resource: Resource): string | undefined {
  if (resource.resourceType === 'Patient') return resource.id;
  for (const element of [resource.subject, resource.patient]) {
    if (typeof element !== 'object' || element === null || !('reference' in element)) continue;
    const id = /(?:^|\/)Patient\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/.+)?$/.exec(String(element.reference))?.[1];
    if (id !== undefined) return id;
  }
  return undefined;
}

/**
 * Reads the child's slice. Undefined when there is no such Patient. The Patient compartment also holds records in which the
 * patient only took part (a sibling's record, say), so what is not about this child is left out.
 */
export async function readSlice(
  reader: Reader,
  types: readonly string[],
  patientId: string,
): Promise<Result<Slice | undefined>> {
  const patient = await reader.read('Patient', patientId);
  if (!patient || patient.deleted) return ok(undefined);
  const compartment: Visibility = { kind: 'limited', grants: [{ types: 'any', patients: [patientId] }] };
  const versions: Stored[] = [patient];
  for (const type of types) {
    if (type === 'Patient') continue;
    let cursor: string | undefined;
    do {
      const page = await reader.search(everything(type, cursor, limits.search.maxCount), compartment);
      if (!page.ok) return page;
      versions.push(...page.value.matches);
      cursor = page.value.next;
    } while (cursor !== undefined);
  }
  const hash = createHash('sha256');
  const resources: Resource[] = [];
  for (const { type, id, version, json } of versions) {
    const resource = toResource(json);
    if (patientOf(resource) !== patientId) continue;
    resources.push(resource);
    hash.update(`${type}/${id}/${version}\n`);
  }
  return ok({ resources, inputHash: hash.digest('hex') });
}

/** What the store wrote is a resource: it was checked on its way in. */
export function toResource(json: string): Resource {
  return parseJson(json) as Resource;
}

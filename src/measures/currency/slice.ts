import { hash } from 'node:crypto';
import { limits } from '../../base/limits.ts';
import { parseJson } from '../../fhir/json.ts';
import type { SearchQuery } from '../../fhir/search/query.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Reader, Stored } from '../../store/types.ts';
import { createSlice, type Slice } from '../engine/logic.ts';
import { ownersOf } from './owners.ts';

/** What measures read of one child: the Patient and the records about it, of the asked types. */
export interface ChildRecords {
  resources: Resource[];
  /** Made once, for all measures. */
  slice(): Slice;
  /** Changes when a resource of one of these types does, or when one comes or goes. */
  inputHash(types: readonly string[]): string;
}

export function everything(type: string, cursor: string | undefined, count: number): SearchQuery {
  return { type, filters: [], includes: [], revincludes: [], sort: [], count, total: 'none', cursor };
}

/** What the store wrote is a resource: it was checked on its way in. */
export function toResource(json: string): Resource {
  return parseJson(json) as Resource;
}

/** Reads the records of many children at once, by their ids; a child without a Patient is left out. */
export async function readSlices(
  reader: Reader,
  types: readonly string[],
  patientIds: readonly string[],
): Promise<Map<string, ChildRecords>> {
  const found = new Map<string, Collected>();
  const wanted = types.includes('Patient') ? types : ['Patient', ...types];
  for (const { patientId, stored } of await reader.recordsOf(patientIds, wanted)) {
    const resource = toResource(stored.json);
    // The compartment also holds the records of others in which the child took part.
    if (!ownersOf(resource).includes(patientId)) continue;
    const child = found.get(patientId) ?? { resources: [], versions: new Map() };
    found.set(patientId, child);
    add(child, stored, resource);
  }
  if (types.includes('Medication')) await addMedications(reader, found);
  const slices = new Map<string, ChildRecords>();
  for (const [patientId, { resources, versions }] of found) {
    if (!versions.has('Patient')) continue;
    let made: Slice | undefined;
    const slice = () => {
      made ??= createSlice(resources);
      return made;
    };
    slices.set(patientId, { resources, slice, inputHash: inputHashOf(versions) });
  }
  return slices;
}

interface Collected {
  resources: Resource[];
  /** By type: `id/version` of each. */
  versions: Map<string, string[]>;
}

function add({ resources, versions }: Collected, { type, id, version }: Stored, resource: Resource): void {
  resources.push(resource);
  const same = versions.get(type);
  if (same) same.push(`${id}/${version}`);
  else versions.set(type, [`${id}/${version}`]);
}

/** Medications are about nobody: those that a child's prescriptions refer to belong to its slice. */
async function addMedications(reader: Reader, found: ReadonlyMap<string, Collected>): Promise<void> {
  const named = new Map(
    [...found].map(([patientId, { resources }]) => [patientId, new Set(resources.flatMap(medicationsOf))]),
  );
  const ids = [...new Set([...named.values()].flatMap((of) => [...of]))];
  for (let from = 0; from < ids.length; from += limits.search.maxCount) {
    const some = ids.slice(from, from + limits.search.maxCount).map((id) => ({ type: 'Medication', id }));
    for (const stored of await reader.readMany(some)) {
      for (const [patientId, of] of named) {
        const child = of.has(stored.id) && found.get(patientId);
        if (child) add(child, stored, toResource(stored.json));
      }
    }
  }
}

const medicationReference = /(?:^|\/)Medication\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/.+)?$/;

/** Ids of the Medications that a record refers to; none for what is no prescription. */
export function medicationsOf({ medicationReference: to }: Resource): string[] {
  if (typeof to !== 'object' || to === null || !('reference' in to)) return [];
  const id = medicationReference.exec(String(to.reference))?.[1];
  return id === undefined ? [] : [id];
}

/** Hashes once what several measures read alike. */
function inputHashOf(versions: ReadonlyMap<string, readonly string[]>): (types: readonly string[]) => string {
  const hashes = new Map<readonly string[], string>();
  const lines = new Map<string, string>();
  const lineOf = (type: string) => {
    const line = lines.get(type) ?? `${type} ${versions.get(type)?.join(' ') ?? ''}\n`;
    lines.set(type, line);
    return line;
  };
  return (types) => {
    const made = hashes.get(types) ?? hash('sha256', types.map(lineOf).join(''), 'hex');
    hashes.set(types, made);
    return made;
  };
}

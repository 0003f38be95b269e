import { MemoryRepository } from '@medplum/fhir-router';
import type { Resource as RouterResource } from '@medplum/fhirtypes';
import type { Resource } from '../../fhir/types.ts';

/**
 * One small repository per patient, made when first asked for: the implementation scans linearly, and nearly every search
 * is about one patient. A slice holds every resource that mentions the patient anywhere; the search itself still decides.
 */
export interface PatientSlices {
  of(patientId: string): Promise<MemoryRepository | undefined>;
  /** Files a stored resource under the patients it mentions, in place of its earlier version. */
  file(stored: Resource): Promise<void>;
  drop(type: string, id: string): Promise<void>;
  /** Patients a resource mentions; undefined when there is no such resource. */
  mentionedIn(type: string, id: string): ReadonlySet<string> | undefined;
  counts(): Record<string, number>;
}

function patientsIn(resource: Resource): Set<string> {
  const mentioned = new Set<string>();
  for (const match of JSON.stringify(resource).matchAll(/"reference":"Patient\/([A-Za-z0-9.-]{1,64})"/g)) {
    if (match[1]) mentioned.add(match[1]);
  }
  if (resource.resourceType === 'Patient' && resource.id) mentioned.add(resource.id);
  return mentioned;
}

async function copyInto(slice: MemoryRepository, stored: Resource): Promise<void> {
  await slice.withSeeding(() => slice.createResource(stored as unknown as RouterResource, undefined, true));
}

export function createPatientSlices(all: MemoryRepository): PatientSlices {
  const mentions = new Map<string, ReadonlySet<string>>();
  const keysOf = new Map<string, Set<string>>();
  const slices = new Map<string, MemoryRepository>();

  async function leave(key: string, patients: Iterable<string>): Promise<void> {
    const [type = '', id = ''] = key.split('/');
    for (const patient of patients) {
      keysOf.get(patient)?.delete(key);
      await slices.get(patient)?.expungeResource(type, id);
    }
  }

  return {
    async of(patientId) {
      const made = slices.get(patientId);
      const keys = keysOf.get(patientId);
      if (made || !keys) return made;
      const slice = new MemoryRepository();
      slices.set(patientId, slice);
      const stored = [...keys].map((key) => all.readReference({ reference: key }));
      for (const resource of await Promise.all(stored)) await copyInto(slice, resource as unknown as Resource);
      return slice;
    },
    async file(stored) {
      const key = `${stored.resourceType}/${stored.id}`;
      const patients = patientsIn(stored);
      await leave(
        key,
        [...(mentions.get(key) ?? [])].filter((patient) => !patients.has(patient)),
      );
      mentions.set(key, patients);
      for (const patient of patients) {
        keysOf.set(patient, (keysOf.get(patient) ?? new Set()).add(key));
        const slice = slices.get(patient);
        if (slice) await copyInto(slice, stored);
      }
    },
    async drop(type, id) {
      const key = `${type}/${id}`;
      await leave(key, mentions.get(key) ?? []);
      mentions.delete(key);
    },
    mentionedIn: (type, id) => mentions.get(`${type}/${id}`),
    counts() {
      const counts: Record<string, number> = {};
      for (const key of mentions.keys()) {
        const type = key.slice(0, key.indexOf('/'));
        counts[type] = (counts[type] ?? 0) + 1;
      }
      return Object.fromEntries(Object.entries(counts).sort());
    },
  };
}

import type { FHIRWrapper } from 'cql-exec-fhir';
import type { PatientObject, RecordObject, RetrieveDetails } from 'cql-execution';
import type { Resource } from '../../../src/fhir/types.ts';

/** One child's resources as cql-execution wants them. Each resource is wrapped once and handed out to every retrieve. */
export interface SubjectSlice {
  patient: PatientObject;
  /** The reference, e.g. `Immunization/123`, of a resource that the logic gave back; undefined for anything else. */
  referenceOf(record: unknown): string | undefined;
}

/**
 * `resources` holds one Patient and what belongs to that child. Profiles are not asked for: a record counts by what is in it,
 * whether or not its sender filled in meta.profile.
 */
export function createSubjectSlice(wrapper: FHIRWrapper, resources: readonly Resource[]): SubjectSlice {
  const references = new Map<unknown, string>();
  const byType = new Map<string, RecordObject[]>();
  for (const resource of resources) {
    const record = remembering(wrapper.wrap(resource));
    references.set(record, `${resource.resourceType}/${resource.id}`);
    const ofType = byType.get(resource.resourceType) ?? [];
    ofType.push(record);
    byType.set(resource.resourceType, ofType);
  }
  const self = byType.get('Patient')?.[0];
  return {
    patient: {
      get: (field: string) => self?.get(field),
      getId: () => self?.getId(),
      getCode: (field: string) => self?.getCode(field),
      getDate: (field: string) => self?.getDate(field),
      getDateOrInterval: (field: string) => self?.getDateOrInterval(field),
      // A retrieve names its type as `{http://hl7.org/fhir}Immunization`.
      findRecords: (profile: string | null, details?: RetrieveDetails) =>
        byType.get((details?.datatype ?? profile ?? '').replace(/^.*[}/]/, '')) ?? [],
    },
    referenceOf: (record) => references.get(record),
  };
}

/**
 * Wrapping an element is the dearest thing the engine does, and it does so at every look at it. Each record remembers its
 * elements instead, and the codes in them. Not enumerable, so that it plays no part when records are compared.
 */
function remembering<T extends RecordObject>(record: T): T {
  for (const method of ['get', 'getCode'] as const) {
    const known = new Map<string, unknown>();
    const read = record[method].bind(record);
    const value = (field: string) => {
      if (!known.has(field)) known.set(field, read(field));
      return known.get(field);
    };
    Object.defineProperty(record, method, { value, enumerable: false });
  }
  return record;
}

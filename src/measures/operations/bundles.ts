import { newId } from '../../base/ids.ts';
import type { Resource, r4 } from '../../fhir/types.ts';

/** A resource of ours within a Bundle; with an id of its own, so that others in the Bundle can refer to it. */
export function entryOf(resource: Resource): { fullUrl: string; resource: Resource } {
  return { fullUrl: `urn:uuid:${resource.id ?? newId()}`, resource };
}

/** Reports and what they counted, in this order. */
export function collectionOf(resources: readonly Resource[], now: Date): Resource {
  return {
    resourceType: 'Bundle',
    type: 'collection',
    timestamp: now.toISOString(),
    entry: resources.map(entryOf),
  };
}

/** The answer of an operation that tells several things: parameters named `return`. */
export function returned(resources: readonly Resource[]): Resource {
  const answer: Resource = { resourceType: 'Parameters' };
  if (resources.length > 0) answer.parameter = resources.map((resource) => ({ name: 'return', resource }));
  return answer;
}

export function withNewId(resource: Resource): Resource & { id: string } {
  const { resourceType, ...rest } = resource;
  return { resourceType, ...rest, id: newId() };
}

/** Of a child's record what a report refers to. */
export function evaluatedOf(report: Resource, record: readonly Resource[]): Resource[] {
  const references = new Set(
    ((report.evaluatedResource ?? []) as r4.Reference[]).flatMap(({ reference }) => reference ?? []),
  );
  return record.filter(({ resourceType, id }) => references.has(`${resourceType}/${id}`));
}

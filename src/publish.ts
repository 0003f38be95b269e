import { ok, type Result } from './base/errors.ts';
import type { Resource } from './fhir/types.ts';
import type { Store } from './store/types.ts';

/** Makes our profiles, code systems, operations and measures readable as FHIR resources; doing it again changes nothing. */
export function publish(store: Store, resources: readonly Resource[]): Promise<Result<void>> {
  return store.transact({ kind: 'system', id: 'conformance', requestId: 'start' }, async (tx) => {
    await tx.hold(resources.flatMap(({ resourceType: type, id }) => (id === undefined ? [] : [{ type, id }])));
    for (const resource of resources) {
      const written = await tx.update(resource);
      if (!written.ok) return written;
    }
    return ok(undefined);
  });
}

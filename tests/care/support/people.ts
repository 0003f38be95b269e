import type { Resource } from '../../../src/fhir/types.ts';
import type { Actor, Store } from '../../../src/store/types.ts';
import { put } from './child.ts';

const setup: Actor = { kind: 'system', id: 'setup', requestId: 'test' };

/** Puts whoever a test gives Tasks to, or takes into a team, into the directory: `Practitioner/x`, `Organization/x` or `HealthcareService/x`. */
export async function enlist(store: Store, ...references: string[]): Promise<void> {
  await put(store, setup, ...references.map(listed));
}

function listed(reference: string): Resource {
  const [resourceType = '', id = ''] = reference.split('/');
  return resourceType === 'Practitioner'
    ? { resourceType, id, name: [{ family: 'Invented' }] }
    : { resourceType, id, name: 'Invented' };
}

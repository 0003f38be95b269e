import type { Resource } from '../../fhir/types.ts';
import { shapes } from '../shape.ts';

/** System of the identifier that everything we write to a site carries. */
export const outboxSystem = 'urn:careweave:outbox';

/** True for what a site sends back of our own writing: it is never taken for something new. */
export function isEcho(raw: Resource): boolean {
  const identifiers = [...shapes(raw.identifier), ...shapes(raw.masterIdentifier)];
  return identifiers.some((identifier) => identifier.system === outboxSystem);
}

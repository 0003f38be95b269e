import { placeTypes } from '../../access/policy/whereabouts.ts';
import { placeElements } from '../../access/redact/whereabouts.ts';
import type { Resource } from '../../fhir/types.ts';

/**
 * A record without what says where the child is, as logic reads it for somebody to whom that is not told: a measure that anybody posts may
 * make a stratum of an address. What leaves the server is redacted at the edge.
 */
export function withoutPlaces(resource: Resource): Resource {
  const { resourceType, ...rest } = resource;
  return { resourceType, ...(strip(rest) as Record<string, unknown>) };
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isPlace(item)).map(strip);
  if (typeof value !== 'object' || value === null || JSON.isRawJSON(value)) return value;
  const kept = Object.entries(value).filter(
    ([name, inner]) => !placeElements.has(name.startsWith('_') ? name.slice(1) : name) && !isPlace(inner),
  );
  return Object.fromEntries(kept.map(([name, inner]) => [name, strip(inner)]));
}

/** A reference to a place or to who is at one. */
function isPlace(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('reference' in value)) return false;
  return placeTypes.has(/(?:^|\/)([A-Za-z]+)\/[^/]+(?:\/_history\/.+)?$/.exec(String(value.reference))?.[1] ?? '');
}

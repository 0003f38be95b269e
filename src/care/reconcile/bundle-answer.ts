import type { Resource, r4 } from '../../fhir/types.ts';

export function entriesIn({ entry }: Resource): r4.BundleEntry[] {
  return Array.isArray(entry) ? entry : [];
}

/** `Type/id/_history/1` of the absolute URL in the answer to a transaction. */
export function locationOf(location: string | undefined): string | undefined {
  return /[A-Z][A-Za-z]+\/[A-Za-z0-9.-]+\/_history\/\d+$/.exec(location ?? '')?.[0];
}

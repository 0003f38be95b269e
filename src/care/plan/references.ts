import { compareText } from '../../fhir/plan-view/index-of.ts';
import type { r4 } from '../../fhir/types.ts';

/** What makes two references one: the resource, else the business identifier, else the words. Versions do not count. */
export function referenceKey(reference: r4.Reference): string | undefined {
  const literal = reference.reference?.split('/_history/')[0];
  // A contained resource is known inside its own resource only.
  if (literal !== undefined) return literal.startsWith('#') ? undefined : literal;
  const { identifier, display } = reference;
  if (identifier?.value !== undefined) return `${identifier.system ?? ''}|${identifier.value}`;
  return display;
}

/** Keeps what is there, in its order, and adds what is new, in a fixed order. Nothing is dropped or doubled. */
export function union(kept: readonly r4.Reference[] | undefined, found: readonly r4.Reference[]): r4.Reference[] {
  const known = new Set((kept ?? []).map(referenceKey));
  const added = new Map<string, r4.Reference>();
  for (const reference of found) {
    const key = referenceKey(reference);
    if (key !== undefined && !known.has(key)) added.set(key, reference);
  }
  return [...(kept ?? []), ...[...added].sort(([a], [b]) => compareText(a, b)).map(([, reference]) => reference)];
}

export function referenceTo(resource: { resourceType: string; id?: string }): r4.Reference {
  return { reference: `${resource.resourceType}/${resource.id ?? ''}` };
}

import type { r4 } from '../types.ts';

type Element = r4.ElementDefinition;

/**
 * The elements of a profile with what it inherits from other profiles: its snapshot, or its differential laid over that of
 * the profile it derives from (FHIR R4, profiling.html#snapshot, as far as rules go). The base definition of the type is
 * left out on purpose: every resource is checked against that anyway. Undefined when a profile on the way is not known.
 */
export function elementsOf(
  definition: r4.StructureDefinition,
  find: (url: string) => r4.StructureDefinition | undefined,
  depth = 0,
): readonly Element[] | undefined {
  if (definition.snapshot?.element.length) return definition.snapshot.element;
  const own = definition.differential?.element ?? [];
  const base = definition.baseDefinition;
  if (base === undefined || base === `http://hl7.org/fhir/StructureDefinition/${definition.type}`) return own;
  const parent = depth < 20 ? find(base) : undefined;
  const inherited = parent && elementsOf(parent, find, depth + 1);
  return inherited && layOver(inherited, own);
}

function layOver(inherited: readonly Element[], own: readonly Element[]): Element[] {
  const merged = new Map(inherited.map((element) => [idOf(element), element]));
  for (const element of own) {
    const below = merged.get(idOf(element));
    const constraint = [...(below?.constraint ?? []), ...(element.constraint ?? [])];
    merged.set(idOf(element), { ...below, ...element, ...(constraint.length > 0 ? { constraint } : {}) });
  }
  return [...merged.values()];
}

/** Ids name the slices on the way; without one, the path has to do. */
export function idOf({ id, path, sliceName }: Element): string {
  return id ?? (sliceName === undefined ? path : `${path}:${sliceName}`);
}

/**
 * A search parameter's FHIRPath as a plain property walk, worked out when the definitions are built. Choice elements are
 * already spelled as JSON spells them (`onsetDateTime`), so following a path is nothing but property access.
 */
export interface WalkPath {
  steps: readonly WalkStep[];
  /** FHIR datatype of what the path ends at, e.g. `CodeableConcept`. */
  type: string;
  /** Reference parameters with `where(resolve() is X)`: only references to this type count. */
  target?: string;
}

/** A property; the object forms keep only those elements whose own property `where` equals the given text, or which `holds` accepts. */
export type WalkStep =
  | string
  | { property: string; where: string; equals: string }
  | { property: string; holds: (element: unknown) => boolean };

/** Calls `visit` with every value at the end of the path, lists flattened, nulls left out. */
export function walk(value: unknown, steps: readonly WalkStep[], visit: (leaf: unknown) => void, from = 0): void {
  if (value === undefined || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) walk(item, steps, visit, from);
    return;
  }
  const step = steps[from];
  if (step === undefined) {
    visit(value);
    return;
  }
  if (!isObject(value)) return;
  if (typeof step === 'string') {
    walk(value[step], steps, visit, from + 1);
    return;
  }
  const children = value[step.property];
  for (const child of Array.isArray(children) ? children : [children]) {
    if ('holds' in step ? step.holds(child) : isObject(child) && child[step.where] === step.equals)
      walk(child, steps, visit, from + 1);
  }
}

/** True for a JSON object: not null, not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import type { TypedValue } from '@medplum/core';
import { isBare } from '../fhirpath/elements.ts';
import { evalFhirPathTyped, type FhirPathAtom, parseFhirPath } from '../fhirpath/parse.ts';
import type { Resource } from '../types.ts';
import type { SearchParam } from './query.ts';
import { type WalkPath, walk } from './walk-path.ts';

/** One value a search parameter's expression ends at. */
export interface Leaf {
  /** FHIR datatype. */
  type: string;
  value: unknown;
  /** Only references to this type count. */
  target?: string;
}

/** The values of a parameter in a resource: by plain walks where the definitions have them, else by the FHIRPath engine. */
export function leafReader(param: SearchParam): (resource: Resource, visit: (leaf: Leaf) => void) => void {
  const { paths } = param;
  if (!paths) return interpreted(param.expression);
  return (resource, visit) => {
    for (const path of paths) visitAt(resource, path, visit);
  };
}

/** The values at the ends of some paths, from wherever they start. */
export function leavesAt(from: unknown, paths: readonly WalkPath[]): Leaf[] {
  const leaves: Leaf[] = [];
  for (const path of paths) visitAt(from, path, (leaf) => leaves.push(leaf));
  return leaves;
}

/** The values at the end of a path, from wherever it starts. */
export function visitAt(from: unknown, { steps, type, target }: WalkPath, visit: (leaf: Leaf) => void): void {
  walk(from, steps, (value) => {
    if (target !== undefined && !pointsAt(value, target)) return;
    visit(target === undefined ? { type, value } : { type, value, target });
  });
}

/** Whether a reference may be to the type, as far as its own text and type say. */
function pointsAt(value: unknown, target: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if ('reference' in value && typeof value.reference === 'string') {
    return value.reference.startsWith(`${target}/`) || value.reference.includes(`/${target}/`);
  }
  return 'type' in value && value.type === target;
}

function interpreted(expression: string): (resource: Resource, visit: (leaf: Leaf) => void) => void {
  const parsed = parseFhirPath(expression);
  return (resource, visit) => {
    for (const { type, value } of evaluate(parsed, resource)) {
      if (value !== undefined && value !== null && !isBare(value)) visit({ type, value });
    }
  };
}

/** The engine stumbles over resources that are no FHIR; those have no values then, as with a walk. */
function evaluate(parsed: FhirPathAtom, resource: Resource): TypedValue[] {
  try {
    return evalFhirPathTyped(parsed, [{ type: resource.resourceType, value: resource }]);
  } catch {
    return [];
  }
}

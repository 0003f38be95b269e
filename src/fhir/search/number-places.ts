import type { Resource } from '../types.ts';
import { type Leaf, leafReader, visitAt } from './leaves.ts';
import type { SearchParam } from './query.ts';
import type { WalkPath, WalkStep } from './walk-path.ts';

/**
 * The name of a place in a resource, the same for all parameters that lead there. Undefined: the way there has a condition that has no
 * name of its own.
 */
export function placeName(steps: readonly WalkStep[]): string | undefined {
  const names: string[] = [];
  for (const step of steps) {
    if (typeof step === 'string') names.push(step);
    else if ('where' in step) names.push(`${step.property}[${step.where}=${step.equals}]`);
    else return undefined;
  }
  return names.join('.');
}

/** The names of all places that a number, quantity or position parameter leads to. */
export function placeNames(param: SearchParam): string[] {
  return namedPaths(param)?.map(([name]) => name) ?? [wholeName(param)];
}

/** Where a way has no name, or only a FHIRPath engine knows it, the parameter itself is the place. */
const wholeName = ({ code }: SearchParam) => `(${code})`;

function namedPaths({ paths }: SearchParam): [name: string, path: WalkPath][] | undefined {
  const named = paths?.flatMap((path): [string, WalkPath][] => {
    const name = placeName(path.steps);
    return name === undefined ? [] : [[name, path]];
  });
  return named?.length === paths?.length ? named : undefined;
}

interface NumberPlace {
  path: string;
  /** Of the parameters that lead there. */
  codes: string[];
  read: (resource: Resource, visit: (leaf: Leaf) => void) => void;
}

/**
 * Where the numbers, quantities and positions of a type are. They are indexed by place and not by parameter, because R4 names the same
 * numbers again and again: `combo-value-quantity` is `value-quantity` and `component-value-quantity`.
 */
export function numberPlaces(params: Iterable<SearchParam>): NumberPlace[] {
  const byPath = new Map<string, NumberPlace>();
  const place = (path: string, code: string, read: () => NumberPlace['read']) => {
    const known = byPath.get(path);
    if (known) known.codes.push(code);
    else byPath.set(path, { path, codes: [code], read: read() });
  };
  for (const param of params) {
    if (param.kind !== 'number' && param.kind !== 'quantity' && param.kind !== 'special') continue;
    const named = namedPaths(param);
    if (!named) place(wholeName(param), param.code, () => leafReader(param));
    for (const [name, path] of named ?? []) place(name, param.code, () => readerAt(path));
  }
  return [...byPath.values()];
}

function readerAt(path: WalkPath): NumberPlace['read'] {
  return (resource, visit) => visitAt(resource, path, visit);
}

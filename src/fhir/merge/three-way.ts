import { stringifyJson } from '../json.ts';
import { isObject } from '../search/walk-path.ts';
import type { Resource } from '../types.ts';
import { type Merging, mergeLists } from './lists.ts';

interface Merged {
  /** The current version with what was wanted; where there is a conflict, what is current. */
  resource: Resource;
  /** FHIRPath of what both changed differently, e.g. `CarePlan.title`. Empty: everything was merged. */
  conflicts: string[];
}

type Json = Record<string, unknown>;

/** The server's own, and the narrative, which says what the elements say. */
const keptElements: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta', 'text']);

/**
 * Puts into the current version what somebody wants who started from an earlier one (`base`). What only one side changed is taken from that
 * side; what both changed alike is that; what both changed differently is a conflict. With `base` as current it is `wanted`. Pure; the
 * resources are left as they are.
 */
export function mergeResources(base: Resource, current: Resource, wanted: Resource): Merged {
  const conflicts: string[] = [];
  const merging: Merging = {
    merge: (...values) => mergeValues(merging, ...values),
    conflict: (path) => {
      if (!conflicts.includes(path)) conflicts.push(path);
    },
  };
  const merged = mergeObjects(merging, { base, current, wanted }, current.resourceType, keptElements);
  const resource: Resource = { ...merged, resourceType: current.resourceType };
  if (isGenerated(resource.text) && !isSame(resource, current)) delete resource.text;
  return { resource, conflicts };
}

/** A narrative that says what the elements say, and so nothing any more once they have changed. */
function isGenerated(text: unknown): boolean {
  return isObject(text) && (text.status === 'generated' || text.status === 'extensions');
}

function mergeValues(merging: Merging, base: unknown, current: unknown, wanted: unknown, path: string): unknown {
  if (isSame(base, wanted) || isSame(current, wanted)) return current;
  if (isSame(base, current)) return wanted;
  if ([base, current, wanted].some(Array.isArray)) {
    const lists = { base: listOf(base), current: listOf(current), wanted: listOf(wanted) };
    const list = mergeLists(lists, path, merging);
    return list.length > 0 ? list : undefined;
  }
  // What one side took out, or both made anew, cannot be put together.
  if (isStructure(base) && isStructure(current) && isStructure(wanted))
    return mergeObjects(merging, { base, current, wanted }, path);
  merging.conflict(path);
  return current;
}

interface Sides {
  base: Json;
  current: Json;
  wanted: Json;
}

function mergeObjects(merging: Merging, sides: Sides, path: string, kept: ReadonlySet<string> = new Set()): Json {
  const { current, wanted } = sides;
  const merged: Json = {};
  for (const name of new Set([...Object.keys(current), ...Object.keys(wanted)])) {
    const value = kept.has(name) ? current[name] : mergeElement(merging, name, sides, path);
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

function mergeElement(merging: Merging, name: string, { base, current, wanted }: Sides, path: string): unknown {
  // Of a Reference the words beside it: both mean the same thing.
  if (name === 'display' && typeof current.reference === 'string') return current.display ?? wanted.display;
  const bare = name.startsWith('_') ? name.slice(1) : name;
  const place = `${path}.${bare}`;
  const isPaired = [base, current, wanted].some((side) => Array.isArray(side[`_${bare}`]));
  if (!isPaired) return merging.merge(base[name], current[name], wanted[name], place);
  // A list of primitives and the list beside it (`_given`) belong together by place: line by line they would come apart.
  const both = (side: Json) => [side[bare] ?? null, side[`_${bare}`] ?? null];
  if (isSame(both(base), both(current))) return wanted[name];
  if (!isSame(both(base), both(wanted)) && !isSame(both(current), both(wanted))) merging.conflict(place);
  return current[name];
}

/** Equal but for the order of elements. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return stringifyJson(ordered(a)) === stringifyJson(ordered(b));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (!isStructure(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, ordered(inner)]));
}

function listOf(value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function isStructure(value: unknown): value is Json {
  return isObject(value) && !Array.isArray(value) && !JSON.isRawJSON(value);
}

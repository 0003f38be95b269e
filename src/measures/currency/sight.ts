import type { Resource } from '../../fhir/types.ts';
import type { Need } from '../engine/contract.ts';

/** One of several measures, and what its logic can see. */
export interface Seer {
  name: string;
  needs: readonly Need[];
}

export interface Sight {
  /** Resource types that any measure sees. */
  types: ReadonlySet<string>;
  /** Names of the measures that can see this version of a record. A measure that is not named answers the same without it. */
  seenBy(resource: Resource): ReadonlySet<string>;
}

const nobody: ReadonlySet<string> = new Set();

/**
 * Which measures a record can matter to: those with a retrieve of its type that asks for no code, or for one that the record has. What
 * cannot be decided here (a code without a system, a reference, an element of an unknown shape) counts as seen.
 */
export function createSight(measures: readonly Seer[]): Sight {
  const byType = new Map<string, Map<string, Need[]>>();
  for (const { name, needs } of measures) {
    for (const need of needs) {
      const seers = byType.get(need.type) ?? new Map<string, Need[]>();
      byType.set(need.type, seers);
      seers.set(name, [...(seers.get(name) ?? []), need]);
    }
  }
  return {
    types: new Set(byType.keys()),
    seenBy(resource) {
      const seers = byType.get(resource.resourceType);
      if (!seers) return nobody;
      const keysAt = new Map<string, Keys>();
      const seen = new Set<string>();
      for (const [name, needs] of seers) {
        if (needs.some((need) => matches(need, resource, keysAt))) seen.add(name);
      }
      return seen;
    },
  };
}

/** Codes of an element as `system|code`; undefined where that cannot be told. */
type Keys = ReadonlySet<string> | undefined;

function matches({ path, codes }: Need, resource: Resource, keysAt: Map<string, Keys>): boolean {
  if (path === undefined || codes === undefined) return true;
  if (!keysAt.has(path)) keysAt.set(path, keysOf(resource, path));
  const keys = keysAt.get(path);
  return keys === undefined || [...keys].some((key) => codes.has(key));
}

function keysOf(resource: Resource, path: string): Keys {
  const keys = new Set<string>();
  for (const value of valuesAt(resource, path.split('.'))) if (!addKeys(value, keys)) return undefined;
  return keys;
}

/** Every value at the path, lists opened; a choice element is found under each of its types. */
function valuesAt(value: unknown, [first, ...rest]: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, first === undefined ? [] : [first, ...rest]));
  if (value === undefined) return [];
  if (first === undefined) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([name]) => name === first || (name.startsWith(first) && /^[A-Z]/.test(name.slice(first.length))))
    .flatMap(([, part]) => valuesAt(part, rest));
}

/** False when the codes cannot be told. */
function addKeys(value: unknown, keys: Set<string>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if ('coding' in value) {
    if (!Array.isArray(value.coding)) return false;
    return value.coding.every((coding) => addKeys(coding, keys));
  }
  // A concept in words only has no code that could match.
  if ('text' in value && !('code' in value)) return true;
  if (!('code' in value) || typeof value.code !== 'string') return false;
  if (!('system' in value) || typeof value.system !== 'string') return false;
  keys.add(`${value.system}|${value.code}`);
  return true;
}

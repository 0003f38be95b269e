import { parseJson, stringifyJson } from '../json.ts';
import { isObject, type Place } from './pointer.ts';

/** A copy that keeps every decimal's digits, also those of a decimal alone (which `parseJson` sees within something only). */
export function copyOf(value: unknown): unknown {
  const inList = parseJson(`[${stringifyJson(value)}]`);
  return Array.isArray(inList) ? inList[0] : undefined;
}

/** Levels of objects and lists: 0 for a primitive. */
export function depthOf(value: unknown): number {
  const children = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : undefined;
  return children === undefined ? 0 : 1 + Math.max(0, ...children.map(depthOf));
}

/** Takes away what is at a place. */
export function removeAt(place: Place): void {
  if ('index' in place) place.parent.splice(place.index, 1);
  else delete place.parent[place.key];
}

/**
 * Takes away the lists and objects that a removal has left empty, because FHIR has no such thing. What came empty from the
 * client stays, for the validation to refuse.
 */
export function dropEmptied(document: unknown, emptied: ReadonlySet<unknown>): void {
  if (emptied.size > 0) prune(document, new Set(emptied));
}

function prune(value: unknown, emptied: Set<unknown>): void {
  if (Array.isArray(value)) {
    for (let at = value.length - 1; at >= 0; at--) {
      prune(value[at], emptied);
      if (isLeftEmpty(value[at], emptied)) {
        value.splice(at, 1);
        emptied.add(value);
      }
    }
  } else if (isObject(value)) {
    for (const [name, child] of Object.entries(value)) {
      prune(child, emptied);
      if (isLeftEmpty(child, emptied)) {
        delete value[name];
        emptied.add(value);
      }
    }
  }
}

function isLeftEmpty(value: unknown, emptied: ReadonlySet<unknown>): boolean {
  return emptied.has(value) && (Array.isArray(value) ? value.length === 0 : Object.keys(value as object).length === 0);
}

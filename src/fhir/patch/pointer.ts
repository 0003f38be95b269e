import { fail, ok, type Result } from '../../base/errors.ts';

/** What a JSON Pointer (RFC 6901) leads to: a place inside an object or a list. */
export type Place =
  | { parent: Record<string, unknown>; key: string }
  /** `index` may be the length of the list: behind the last item. */
  | { parent: unknown[]; index: number };

/** Names that would lead out of the document, to what all objects share. */
const forbidden: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Splits `/name/0/family` into its tokens; `invalid` when it is no pointer. The empty pointer (the whole) has none. */
export function parsePointer(pointer: string): Result<string[]> {
  if (pointer === '') return ok([]);
  const tokens = pointer.split('/');
  if (tokens.shift() !== '' || /~(?![01])/.test(pointer)) return fail('invalid', 'A path is not a JSON Pointer.');
  const isEscaped = pointer.includes('~');
  const names = isEscaped ? tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~')) : tokens;
  if (names.some((name) => forbidden.has(name))) return fail('invalid', 'A path names what no resource has.');
  return ok(names);
}

/** The place the tokens lead to, whether something is there or not; undefined when there is no way to it. */
export function placeAt(document: unknown, tokens: readonly string[]): Place | undefined {
  let parent = document;
  for (const token of tokens.slice(0, -1)) {
    const place = childPlace(parent, token);
    parent = place && valueAt(place);
  }
  const last = tokens.at(-1);
  return last === undefined ? undefined : childPlace(parent, last);
}

/** Undefined when nothing is there. */
export function valueAt(place: Place): unknown {
  if ('index' in place) return place.parent[place.index];
  return Object.hasOwn(place.parent, place.key) ? place.parent[place.key] : undefined;
}

function childPlace(parent: unknown, token: string): Place | undefined {
  if (Array.isArray(parent)) {
    const index = token === '-' ? parent.length : /^(0|[1-9]\d{0,8})$/.test(token) ? Number(token) : -1;
    return index >= 0 && index <= parent.length ? { parent, index } : undefined;
  }
  return isObject(parent) ? { parent, key: token } : undefined;
}

/** A decimal kept digit by digit is an object to JavaScript, and one value to us. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

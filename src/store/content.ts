import { isDeepStrictEqual } from 'node:util';
import { parseJson, stringifyJson } from '../fhir/json.ts';
import type { Resource } from '../fhir/types.ts';

/** The stored text back as a resource. The text was written by `stamp`, so its shape is known. */
export function parseContent(text: string): Resource {
  return parseJson(text) as Resource;
}

/** The resource as it will be answered: resourceType, id, meta first, with the store's own version and time in meta. */
export function stamp(resource: Resource, id: string, version: number, lastUpdated: string): Resource {
  const { resourceType, id: _id, meta, ...rest } = resource;
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...kept } = meta ?? {};
  return { resourceType, id, meta: { versionId: String(version), lastUpdated, ...kept }, ...rest };
}

function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  // Two decimals are the same content only when their digits are: 1.10 is not 1.1.
  if (JSON.isRawJSON(value)) return { raw: stringifyJson(value) };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, comparable(inner)]));
}

/** True when both say the same, whatever the order of their fields and whatever their version and time. */
export function sameContent(a: Resource, b: Resource): boolean {
  const [left, right] = [stamp(a, '', 0, ''), stamp(b, '', 0, '')];
  return stringifyJson(left) === stringifyJson(right) || isDeepStrictEqual(comparable(left), comparable(right));
}

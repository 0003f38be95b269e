import { isJson, type Json } from './sources.ts';

/** A value as text in which the order of properties does not count and digits do. What the server sets is left out. */
export function canonical(resource: Json): string {
  const { meta, id: _id, ...rest } = resource;
  const { versionId: _version, lastUpdated: _updated, ...kept } = isJson(meta) ? meta : {};
  return ordered(Object.keys(kept).length > 0 ? { ...rest, meta: kept } : rest);
}

function ordered(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(ordered).join()}]`;
  if (!isJson(value)) return JSON.stringify(value);
  const parts = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${ordered(value[key])}`);
  return `{${parts.join()}}`;
}

/** Where two texts part, for a person to look at. */
export function firstDifference(a: string, b: string): string {
  let at = 0;
  while (a[at] === b[at] && at < a.length) at += 1;
  return `…${a.slice(Math.max(0, at - 40), at + 60)} ≠ …${b.slice(Math.max(0, at - 40), at + 60)}`;
}

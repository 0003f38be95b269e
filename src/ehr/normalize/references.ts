import { isShape, type Shape, textOf } from '../shape.ts';

/** A resource of the site, by the site's own id. */
export interface EhrRef {
  type: string;
  ehrId: string;
}

const local = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/**
 * Reads a reference that means a resource of the site: relative, or absolute under the site's own base URL. Versions are
 * dropped: we mirror the current one. Fragments, urn: references and other servers' URLs are not the site's: undefined.
 */
export function readReference(reference: string, baseUrl: string): EhrRef | undefined {
  const relative = reference.startsWith(`${baseUrl}/`) ? reference.slice(baseUrl.length + 1) : reference;
  const found = local.exec(relative);
  return found?.[1] && found[2] ? { type: found[1], ehrId: found[2] } : undefined;
}

/** Calls `visit` for every object that has a `reference` string, contained resources and extensions included. */
export function eachReference(value: unknown, visit: (reference: string) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) eachReference(item, visit);
  } else if (isShape(value)) {
    const reference = textOf(value.reference);
    if (reference !== undefined) visit(reference);
    for (const item of Object.values(value)) eachReference(item, visit);
  }
}

/** A copy in which `change` has replaced every object (the innermost first). Everything else is kept as it is. */
export function mapShapes(value: unknown, change: (shape: Shape) => Shape): unknown {
  if (Array.isArray(value)) return value.map((item) => mapShapes(item, change));
  if (!isShape(value)) return value;
  return change(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapShapes(item, change)])));
}

import { parseReference, splitCanonical } from '../references.ts';
import type { ReferenceEntry, UrlEntry } from './index-entries.ts';
import { isObject } from './walk-path.ts';

export type ReferenceFound = { reference: ReferenceEntry } | { urls: UrlEntry[] } | undefined;

/**
 * What one reference value is found by. Contained (`#x`), urn and identifier-only references give nothing.
 * `target` limits to one type: the meaning of `where(resolve() is X)` for a literal reference.
 */
export function referenceOf(
  param: string,
  value: unknown,
  options: { target?: string; baseUrl?: string },
): ReferenceFound {
  const isCanonical = typeof value === 'string';
  const text = isCanonical ? value : isObject(value) ? value.reference : undefined;
  if (typeof text !== 'string' || text === '') return undefined;
  const parsed = parseReference(text, options.baseUrl);
  if (parsed?.kind === 'local') {
    if (options.target !== undefined && parsed.type !== options.target) return undefined;
    return { reference: { param, type: parsed.type, id: parsed.id } };
  }
  if (parsed?.kind === 'absolute') {
    if (options.target !== undefined && parsed.type !== undefined && parsed.type !== options.target) return undefined;
    const { url, version } = splitCanonical(text);
    // A version of a resource elsewhere is found by the resource too, like one here.
    if (parsed.version !== undefined) {
      return {
        urls: [
          { param, url: text },
          { param, url: text.slice(0, text.lastIndexOf('/_history/')) },
        ],
      };
    }
    return {
      urls:
        version === undefined
          ? [{ param, url }]
          : [
              { param, url: text },
              { param, url },
            ],
    };
  }
  // A canonical may be a urn too; a Reference with a urn has never been resolved to anything.
  if (!isCanonical || parsed?.kind !== 'urn') return undefined;
  const { url, version } = splitCanonical(text);
  return {
    urls:
      version === undefined
        ? [{ param, url }]
        : [
            { param, url: text },
            { param, url },
          ],
  };
}

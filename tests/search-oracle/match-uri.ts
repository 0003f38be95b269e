import { unescaped } from './escaping.ts';
import type { Leaf } from './leaves.ts';

const isUrn = (uri: string) => uri.startsWith('urn:');

/** Whole segments: a URL lies below another where it goes on behind a boundary, so `/fhirs` is not below `/fhir`. */
const isBelow = (url: string, above: string) =>
  url === above || (url.startsWith(above) && (above.endsWith('/') || '/?#|'.includes(url.charAt(above.length))));

/** Source: FHIR R4, search.html#uri. `above` and `below` speak of URLs only: undefined for a urn. */
export function uriTest(asked: string, modifier?: string): ((leaf: Leaf) => boolean) | undefined {
  const uri = unescaped(asked);
  if (modifier !== undefined && isUrn(uri)) return undefined;
  return ({ value }) => {
    if (typeof value !== 'string') return false;
    if (modifier === 'below') return isBelow(value, uri);
    if (modifier === 'above') return !isUrn(value) && isBelow(uri, value);
    return value === uri;
  };
}

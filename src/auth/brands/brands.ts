import { createHash } from 'node:crypto';
import { Router } from 'express';
import { limits } from '../../base/limits.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { brandBundle } from './brand-bundle.ts';
import type { Brand } from './read-brands.ts';

/** The public Bundle of this site's brands, and what discovery says of it (SC-180). */
export interface Brands {
  router: Router;
  discovery: {
    user_access_brand_bundle: string;
    user_access_brand_identifier: { system: string; value: string };
  };
}

/** `changed`: when the brands were last written. */
export function createBrands(brands: readonly [Brand, ...Brand[]], publicUrl: string, changed: Date): Brands {
  const path = '/brands/bundle.json';
  const text = stringifyJson(brandBundle(brands, publicUrl, changed.toISOString()));
  const etag = `W/"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`;
  const router = Router();
  router.get(path, (request, response) => {
    response.set({ ETag: etag, 'Cache-Control': `public, max-age=${limits.jwks.cacheSeconds}` });
    if (isKnown(request.get('if-none-match'), etag)) response.status(304).end();
    else response.type('application/fhir+json').send(text);
  });
  return {
    router,
    discovery: {
      user_access_brand_bundle: `${publicUrl}${path}`,
      user_access_brand_identifier: { system: 'urn:ietf:rfc:3986', value: brands[0].identifier },
    },
  };
}

/** RFC 9110, 13.1.2: any of a list, or `*`; compared weakly. */
function isKnown(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const bare = (tag: string) => tag.trim().replace(/^W\//, '');
  return header.trim() === '*' || header.split(',').some((tag) => bare(tag) === bare(etag));
}

import type { Resource } from './types.ts';

/**
 * A mirror is a resource that a hospital EHR sent and that we keep read-only. It is recognized by its `meta.source`:
 * `urn:careweave:site:<site id>#<Type>/<id at the site>`. Pure and browser-safe, because the sync, the care rules and the
 * pages must all give the same answer.
 */
const mirrorSourcePrefix = 'urn:careweave:site:';

/** Identifier system by which a site is named where a resource cannot be: as agent of a Provenance, as contributor of a plan. */
export const siteSystem = 'urn:careweave:site';

/** The `meta.source` of what a site calls `<type>/<ehrId>`. */
export function mirrorSource(siteId: string, type: string, ehrId: string): string {
  return `${mirrorSourcePrefix}${siteId}#${type}/${ehrId}`;
}

export function isMirror(resource: Pick<Resource, 'meta'>): boolean {
  return resource.meta?.source?.startsWith(mirrorSourcePrefix) === true;
}

/** The id of the site that sent a mirror; undefined for what was written here. */
export function mirrorSite(resource: Pick<Resource, 'meta'>): string | undefined {
  const source = resource.meta?.source;
  if (source === undefined || !source.startsWith(mirrorSourcePrefix)) return undefined;
  return source.slice(mirrorSourcePrefix.length).split('#')[0];
}

import type { Include } from '../../fhir/search/query.ts';
import { isObject } from '../../fhir/search/walk-path.ts';
import { parseContent } from '../content.ts';
import type { StoreParts } from '../parts.ts';
import type { Query } from '../rows.ts';
import type { Stored, Visibility } from '../types.ts';
import { readVisible } from './read-visible.ts';
import { tokenOf } from './token.ts';

/**
 * What the resources name by canonical URL in the parameter of an include: with a version that one, without one every version
 * there is here. Source: FHIR R4, references.html#canonical.
 */
export async function canonicalTargets(
  query: Query,
  parts: StoreParts,
  visibility: Visibility,
  { param, sourceType, targetType }: Include,
  from: readonly Stored[],
): Promise<Stored[]> {
  const asked = new Map<string, Set<string>>();
  for (const stored of from) {
    if (sourceType !== '*' && stored.type !== sourceType) continue;
    const { urls } = parts.extract(parseContent(stored.json));
    for (const { param: code, url } of urls) {
      if (param !== '*' && param.code !== code) continue;
      // The index has a canonical with its version and without; only as it was written is it meant here.
      if (urls.some((other) => other.param === code && other.url.startsWith(`${url}|`))) continue;
      const targets = parts.definitions.searchParams(stored.type).get(code)?.targets ?? [];
      for (const type of targets) {
        if (targetType === undefined || type === targetType) asked.set(type, (asked.get(type) ?? new Set()).add(url));
      }
    }
  }
  const found: Stored[] = [];
  for (const [type, canonicals] of asked) {
    if (!parts.definitions.searchParams(type).has('url')) continue;
    const tokens = [...canonicals].flatMap(
      (canonical) => tokenOf(type, 'url', { kind: 'uri', uri: canonical.split('|')[0] ?? '' }) ?? [],
    );
    const read = await readVisible(query, parts, visibility, [type], (add) => `r.tokens && ${add(tokens, 'bigint[]')}`);
    found.push(...read.filter((stored) => isNamed(stored, canonicals)));
  }
  return found;
}

function isNamed(stored: Stored, canonicals: ReadonlySet<string>): boolean {
  const resource: unknown = parseContent(stored.json);
  if (!isObject(resource) || typeof resource.url !== 'string') return false;
  return canonicals.has(resource.url) || canonicals.has(`${resource.url}|${String(resource.version ?? '')}`);
}

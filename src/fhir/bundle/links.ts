import { eachReference, parseReference, rewriteReferences } from '../references.ts';
import type { Resource } from '../types.ts';
import type { PlannedEntry } from './plan.ts';

/** Where the references inside a bundle lead once its entries have identities. */
export interface BundleLinks {
  /** Key (`fullUrlKey`) of each entry's fullUrl → the reference that replaces it, e.g. `Patient/123`. */
  fullUrls: ReadonlyMap<string, string>;
  /** Conditional reference as written (`Patient?identifier=…`) → the one match. */
  conditionals?: ReadonlyMap<string, string>;
}

/** Two spellings of one fullUrl have one key: urn:uuid and urn:oid do not mind case. */
export function fullUrlKey(fullUrl: string): string {
  return /^urn:/i.test(fullUrl) ? fullUrl.toLowerCase() : fullUrl.replace(/\/_history\/[^/]+$/, '');
}

/** The distinct conditional references (`Type?params`) in a resource, in the order they appear. */
export function conditionalReferences(resource: Resource): string[] {
  const found = new Set<string>();
  eachReference(resource, (text) => {
    if (parseReference(text)?.kind === 'conditional') found.add(text);
  });
  return [...found];
}

/** True when a reference is a urn that is not among the keys. */
export function unresolvedUrns(resource: Resource, keys: ReadonlySet<string>): boolean {
  let isMissing = false;
  eachReference(resource, (text) => {
    if (parseReference(text)?.kind === 'urn' && !keys.has(fullUrlKey(text))) isMissing = true;
  });
  return isMissing;
}

/** True when a reference needs a transaction to lead anywhere: it is conditional, or a urn among the keys. */
export function needsTransaction(resource: Resource, keys: ReadonlySet<string>): boolean {
  let needs = false;
  eachReference(resource, (text) => {
    const kind = parseReference(text)?.kind;
    if (kind === 'conditional' || (kind === 'urn' && keys.has(fullUrlKey(text)))) needs = true;
  });
  return needs;
}

/**
 * The entry's resource with its references led to their new places: urns and absolute URLs that are a fullUrl of the bundle,
 * relative ones read against the base of the entry's own fullUrl (R4, bundle.html#references), conditional ones by their match.
 */
export function linkEntry(entry: PlannedEntry & { resource: Resource }, links: BundleLinks): Resource {
  const base = /^(https?:.*\/)[A-Z][A-Za-z]+\/[^/]+$/.exec(entry.fullUrl ?? '')?.[1];
  return rewriteReferences(entry.resource, (text, place) => {
    const direct = links.fullUrls.get(fullUrlKey(text));
    if (direct !== undefined || place === 'uri') return direct;
    const conditional = links.conditionals?.get(text);
    if (conditional !== undefined) return conditional;
    return base !== undefined && parseReference(text)?.kind === 'local'
      ? links.fullUrls.get(fullUrlKey(base + text))
      : undefined;
  });
}

import type { Structure } from './structures.ts';
import { listConcepts } from './value-sets.ts';

export interface Concept {
  code: string;
  concept?: Concept[];
}

export interface Terminology {
  resourceType: string;
  url: string;
  content?: string;
  concept?: Concept[];
  compose?: {
    include: { system?: string; concept?: Concept[]; filter?: unknown[]; valueSet?: string[] }[];
    exclude?: unknown[];
  };
}

/**
 * The codes of every value set that a `code` element is bound to as `required`, by URL without version. Value sets that are
 * not a plain list (MIME types, currencies) are left out: their elements are checked for syntax only.
 */
export function requiredCodes(
  structures: readonly Structure[],
  terminology: readonly Terminology[],
): Record<string, string[]> {
  const byUrl = new Map(terminology.map((resource) => [`${resource.resourceType} ${resource.url}`, resource]));
  const codes: Record<string, string[]> = {};
  const elements = structures.flatMap(({ snapshot }) => snapshot.element);
  for (const { binding, type } of elements) {
    const url = binding?.valueSet?.split('|')[0];
    if (
      binding?.strength !== 'required' ||
      url === undefined ||
      codes[url] ||
      !type?.some(({ code }) => code === 'code')
    )
      continue;
    const listed = listCodes(byUrl, url);
    if (listed) codes[url] = listed;
  }
  return Object.fromEntries(Object.entries(codes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function listCodes(byUrl: ReadonlyMap<string, Terminology>, url: string): string[] | undefined {
  const listed = listConcepts(byUrl, url);
  return listed && [...new Set([...listed.values()].flatMap((codes) => [...codes]))].sort();
}

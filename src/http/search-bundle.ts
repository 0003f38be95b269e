import { parseJson } from '../fhir/json.ts';
import { operationOutcome } from '../fhir/outcome.ts';
import type { SearchQuery } from '../fhir/search/query.ts';
import type { Resource } from '../fhir/types.ts';
import type { SearchPage, Stored } from '../store/types.ts';
import type { FhirContext } from './fhir-request.ts';
import { summarize } from './summary.ts';

export interface Answered {
  /** Below the base. */
  path: string;
  /** What was understood: the self link says it, and the next page asks it again. */
  understood: readonly (readonly [name: string, value: string])[];
  /** Names of the parameters left out. */
  ignored: readonly string[];
  query: SearchQuery;
}

/** A page as a searchset Bundle. */
export function searchset(page: SearchPage, answered: Answered, context: FhirContext): Resource {
  const entry = [
    ...page.matches.map((stored) => entryOf(stored, 'match', context, answered.query)),
    ...page.included.map((stored) => entryOf(stored, 'include', context, answered.query)),
    ...ignoredEntry(answered.ignored),
  ];
  const bundle: Resource = { resourceType: 'Bundle', type: 'searchset', link: linksOf(page, answered, context) };
  if (page.total !== undefined) bundle.total = page.total;
  if (entry.length > 0) bundle.entry = entry;
  return bundle;
}

function linksOf(page: SearchPage, { path, understood }: Answered, { baseUrl, pageLinks, principal }: FhirContext) {
  const self = new URLSearchParams(understood.map(([name, value]): [string, string] => [name, value])).toString();
  const address = path === '' ? baseUrl : `${baseUrl}/${path}`;
  const link = [{ relation: 'self', url: `${address}${self ? `?${self}` : ''}` }];
  if (page.next !== undefined) {
    const sealed = pageLinks.seal({ type: path, query: understood, cursor: page.next }, principal);
    link.push({ relation: 'next', url: `${address}?_page=${sealed}` });
  }
  return link;
}

function entryOf(
  stored: Stored,
  mode: 'match' | 'include',
  { baseUrl, definitions }: FhirContext,
  query: { summary?: string; elements?: string[] },
): object {
  const resource = parseJson(stored.json);
  return {
    fullUrl: `${baseUrl}/${stored.type}/${stored.id}`,
    resource: mode === 'match' ? summarize(resource, query, definitions) : resource,
    search: { mode },
  };
}

function ignoredEntry(ignored: readonly string[]): object[] {
  if (ignored.length === 0) return [];
  const issues = ignored.map((name) => ({
    code: 'not-supported',
    severity: 'warning' as const,
    // Values do end up in the place of a name; only what has the shape of one is repeated.
    text: /^[A-Za-z_][A-Za-z0-9_.:-]{0,199}$/.test(name)
      ? `The parameter ${name} was ignored.`
      : 'A parameter was ignored whose name is none.',
  }));
  return [{ resource: operationOutcome(issues), search: { mode: 'outcome' } }];
}

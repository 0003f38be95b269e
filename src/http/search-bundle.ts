import { parseJson, stringifyJson } from '../fhir/json.ts';
import { operationOutcome } from '../fhir/outcome.ts';
import type { SearchQuery } from '../fhir/search/query.ts';
import type { SearchPage, Stored } from '../store/types.ts';
import type { FhirContext } from './fhir-request.ts';
import { isPart, summarize } from './summary.ts';

export interface Answered {
  /** Below the base. */
  path: string;
  /** What was understood: the self link says it, and the next page asks it again. */
  understood: readonly (readonly [name: string, value: string])[];
  /** Names of the parameters left out. */
  ignored: readonly string[];
  query: SearchQuery;
  lenient: boolean;
}

/**
 * A page as the text of a searchset Bundle. Stored resources go into it as the text they are stored as: exact, and without being read
 * and written again, which would take most of the time of a search. Only a resource that is shown in part is read.
 */
export function searchset(page: SearchPage, answered: Answered, context: FhirContext): string {
  const entry = [
    ...page.matches.map((stored) => entryText(stored, 'match', context, answered.query)),
    ...page.included.map((stored) => entryText(stored, 'include', context, {})),
    ...ignoredEntry(answered.ignored).map(stringifyJson),
  ];
  const total = page.total === undefined ? '' : `,"total":${page.total}`;
  const link = stringifyJson(linksOf(page, answered, context));
  const entries = entry.length === 0 ? '' : `,"entry":[${entry.join(',')}]`;
  return `{"resourceType":"Bundle","type":"searchset","link":${link}${total}${entries}}`;
}

function linksOf(
  page: SearchPage,
  { path, understood, lenient }: Answered,
  { baseUrl, pageLinks, principal }: FhirContext,
) {
  const self = new URLSearchParams(understood.map(([name, value]): [string, string] => [name, value])).toString();
  const address = path === '' ? baseUrl : `${baseUrl}/${path}`;
  const link = [{ relation: 'self', url: `${address}${self ? `?${self}` : ''}` }];
  if (page.next !== undefined) {
    const sealed = pageLinks.seal({ type: path, query: understood, cursor: page.next, lenient }, principal);
    link.push({ relation: 'next', url: `${address}?_page=${sealed}` });
  }
  return link;
}

function entryText(
  stored: Stored,
  mode: 'match' | 'include',
  { baseUrl, definitions }: FhirContext,
  view: { summary?: string; elements?: string[] },
): string {
  const fullUrl = stringifyJson(`${baseUrl}/${stored.type}/${stored.id}`);
  const part = isPart(view) ? stringifyJson(summarize(parseJson(stored.json), view, definitions)) : stored.json;
  return `{"fullUrl":${fullUrl},"resource":${part},"search":{"mode":"${mode}"}}`;
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

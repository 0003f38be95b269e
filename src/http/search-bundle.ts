import type { Places } from '../access/redact/told-text.ts';
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
export function searchset(
  page: SearchPage,
  answered: Answered,
  context: FhirContext,
): { json: string; places: Places } {
  const total = page.total === undefined ? '' : `,"total":${page.total}`;
  const link = stringifyJson(linksOf(page, answered, context));
  const records: { from: number; to: number }[] = [];
  let json = `{"resourceType":"Bundle","type":"searchset","link":${link}${total}`;
  let between = ',"entry":[';
  const add = (stored: Stored, mode: 'match' | 'include', view: View) => {
    const fullUrl = stringifyJson(`${context.baseUrl}/${stored.type}/${stored.id}`);
    json += `${between}{"fullUrl":${fullUrl},"resource":`;
    const from = json.length;
    json += recordText(stored, view, context);
    records.push({ from, to: json.length });
    json += `,"search":{"mode":"${mode}"}}`;
    between = ',';
  };
  for (const stored of page.matches) add(stored, 'match', answered.query);
  for (const stored of page.included) add(stored, 'include', {});
  for (const entry of ignoredEntry(answered.ignored)) {
    json += `${between}${stringifyJson(entry)}`;
    between = ',';
  }
  json += between === ',' ? ']}' : '}';
  return { json, places: { of: json, records } };
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

interface View {
  summary?: string;
  elements?: string[];
}

function recordText(stored: Stored, view: View, { definitions }: FhirContext): string {
  return isPart(view) ? stringifyJson(summarize(parseJson(stored.json), view, definitions)) : stored.json;
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

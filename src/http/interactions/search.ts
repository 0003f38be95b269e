import { authorize } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { parseJson } from '../../fhir/json.ts';
import { operationOutcome } from '../../fhir/outcome.ts';
import { parseSearch } from '../../fhir/search/parse.ts';
import type { Resource } from '../../fhir/types.ts';
import type { Reader, SearchPage, Stored } from '../../store/types.ts';
import type { FhirContext, FhirRequest, FhirResponse, Interaction } from '../fhir-request.ts';
import { preference } from '../prefer.ts';
import { resolveSearch } from '../search-terms.ts';
import { summarize } from '../summary.ts';

/** `GET [base]/[type]?…` and `POST [base]/[type]/_search`. */
export const search: Interaction = (request, context) => searchIn(context.store, request, context);

/** A search against the store or, within a Bundle, the transaction. */
export async function searchIn(
  reader: Reader,
  request: FhirRequest,
  context: FhirContext,
): Promise<Result<FhirResponse>> {
  const place = placeOf(request, context);
  if (!place.ok) return place;
  const { type, query, cursor } = place.value;
  const visible = authorize(context.principal, type, 's');
  if (!visible.ok) return visible;
  const { handling } = preference(request.prefer);
  const parsed = parseSearch(context.definitions, type, query, { handling, baseUrl: context.baseUrl });
  if (!parsed.ok) return parsed;
  const resolved = await resolveSearch(parsed.value.query, handling, reader, context);
  if (!resolved.ok) return resolved;
  const asked = resolved.value.query;
  const found = await reader.search(cursor === undefined ? asked : { ...asked, cursor }, visible.value);
  if (!found.ok) return found;
  const page = found.value;
  const entry = [
    ...page.matches.map((stored) => entryOf(stored, 'match', context, parsed.value.query)),
    ...page.included.map((stored) => entryOf(stored, 'include', context, parsed.value.query)),
    ...ignoredEntry([...parsed.value.ignored, ...resolved.value.ignored]),
  ];
  const bundle: Resource = { resourceType: 'Bundle', type: 'searchset', link: linksOf(type, query, page, context) };
  if (page.total !== undefined) bundle.total = page.total;
  if (entry.length > 0) bundle.entry = entry;
  return ok({ status: 200, resource: bundle });
}

/** Where the page starts: the parameters of the URL, or those sealed in a next link. */
function placeOf(request: FhirRequest, context: FhirContext) {
  const type = request.type ?? '';
  const sealed = request.query.find(([name]) => name === '_page');
  if (!sealed) return ok({ type, query: request.query, cursor: undefined });
  const opened = context.pageLinks.open(sealed[1], context.principal);
  if (opened.ok && opened.value.type !== type)
    return fail('invalid', 'This page link belongs to another resource type.', { code: 'value' });
  return opened;
}

function linksOf(type: string, query: readonly (readonly [string, string])[], page: SearchPage, context: FhirContext) {
  const self = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString();
  const link = [{ relation: 'self', url: `${context.baseUrl}/${type}${self ? `?${self}` : ''}` }];
  if (page.next !== undefined) {
    const sealed = context.pageLinks.seal({ type, query, cursor: page.next }, context.principal);
    link.push({ relation: 'next', url: `${context.baseUrl}/${type}?_page=${sealed}` });
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
    text: `The parameter ${name} was ignored.`,
  }));
  return [{ resource: operationOutcome(issues), search: { mode: 'outcome' } }];
}

import { ok, type Result } from '../../base/errors.ts';
import { parseScopedSearch } from '../../fhir/search/parse.ts';
import type { SearchQuery } from '../../fhir/search/query.ts';
import type { Reader, SearchPage } from '../../store/types.ts';
import type { FhirContext, FhirRequest, FhirResponse, Interaction } from '../fhir-request.ts';
import { preference } from '../prefer.ts';
import { searchset } from '../search-bundle.ts';
import { mayJoin } from '../search-joins.ts';
import { pathOf, placeOf, scopeOf } from '../search-scope.ts';
import { resolveSearch } from '../search-terms.ts';

/**
 * A search of a type (`[base]/[type]`), of the system (`[base]`) or of a compartment (`[base]/Patient/1/[type]` or `/*`), by GET or
 * by POST to its `_search` (FHIR R4, http.html#search, search.html).
 */
export const search: Interaction = (request, context) => searchIn(context.store, request, context);

/** A search against the store or, within a Bundle, the transaction. */
export async function searchIn(
  reader: Reader,
  request: FhirRequest,
  context: FhirContext,
): Promise<Result<FhirResponse>> {
  const place = placeOf(request, context);
  if (!place.ok) return place;
  const { query, cursor, lenient = preference(request.prefer).handling === 'lenient' } = place.value;
  const scoped = scopeOf(request, query, context);
  if (!scoped.ok) return scoped;
  const { scope, visible, rest } = scoped.value;
  const handling = lenient ? 'lenient' : 'strict';
  const parsed = parseScopedSearch(context.definitions, scope, rest, { handling, baseUrl: context.baseUrl });
  if (!parsed.ok) return parsed;
  const mayAsk = mayJoin(parsed.value.query, context.principal);
  if (!mayAsk.ok) return mayAsk;
  const resolved = await resolveSearch(parsed.value.query, handling, reader, context);
  if (!resolved.ok) return resolved;
  const asked = context.speaker?.ask(resolved.value.query) ?? resolved.value.query;
  const found = request.findsNothing
    ? ok(emptyPage(asked))
    : await reader.search(cursor === undefined ? asked : { ...asked, cursor }, visible);
  if (!found.ok) return found;
  const ignored = [...parsed.value.ignored, ...resolved.value.ignored];
  // `_type` is not among the parameters of one type: there it was refused or ignored like any other unknown one.
  const types = request.type === undefined ? query.filter(([name]) => name === '_type') : [];
  const understood = [...types, ...parsed.value.understood].filter(([name]) => !ignored.includes(name));
  const answered = { path: pathOf(request), understood, ignored, query: parsed.value.query, lenient };
  return ok({ status: 200, ...searchset(found.value, answered, context) });
}

function emptyPage({ total }: SearchQuery): SearchPage {
  return { matches: [], included: [], ...(total !== 'none' && { total: 0 }) };
}

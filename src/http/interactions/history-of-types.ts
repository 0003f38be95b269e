import { authorize, visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { Visibility } from '../../store/types.ts';
import type { FhirContext, FhirRequest, Interaction } from '../fhir-request.ts';
import { historyEntry, historyPageOf } from './history-page.ts';

/**
 * `GET [base]/[type]/_history` and `GET [base]/_history`: every version of every resource that the caller may see, newest first,
 * deletions included (FHIR R4, http.html#history). Without a total: it would be dear, and tell of what is hidden. Needs the
 * scope for searching, as SMART App Launch 2.2 has it.
 */
export const historyOfTypes: Interaction = async (request, context) => {
  const { type } = request;
  const visible = visibleTypes(type, context);
  if (!visible.ok) return visible;
  const place = placeOf(request, context);
  if (!place.ok) return place;
  const { query, cursor } = place.value;
  const page = historyPageOf(query);
  if (!page.ok) return page;
  if (page.value.cursor !== undefined) return fail('invalid', 'The history parameter _cursor is not supported here.');
  const { asked, ...filter } = page.value;
  const types = type === undefined ? [...context.definitions.types] : [type];
  const wanted = { ...filter, types, ...(cursor !== undefined && { cursor }) };
  const found = await context.store.historyOf(wanted, visible.value);
  if (!found.ok) return found;
  const self = `${context.baseUrl}/${pathOf(type)}`;
  const link = [{ relation: 'self', url: `${self}?${new URLSearchParams(asked)}` }];
  if (found.value.next !== undefined) {
    const next = { type: pathOf(type), query: asked, cursor: found.value.next };
    link.push({ relation: 'next', url: `${self}?_page=${context.pageLinks.seal(next, context.principal)}` });
  }
  const entry = found.value.versions.map((version) => historyEntry(version, context.baseUrl));
  const resource = { resourceType: 'Bundle', type: 'history', link, ...(entry.length > 0 && { entry }) };
  return ok({ status: 200, resource });
};

function visibleTypes(type: string | undefined, { principal }: FhirContext): Result<Visibility> {
  if (type !== undefined) return authorize(principal, type, 's');
  const visible = visibilityOf(principal, 's');
  const isNothing = visible.kind === 'limited' && visible.types !== 'any' && visible.types.size === 0;
  return isNothing ? fail('forbidden', "The access token's scopes do not allow searching.") : ok(visible);
}

function pathOf(type: string | undefined): string {
  return type === undefined ? '_history' : `${type}/_history`;
}

/** Where the page starts: the parameters of the URL, or those sealed in a next link. */
function placeOf(request: FhirRequest, context: FhirContext) {
  const sealed = request.query.find(([name]) => name === '_page');
  if (!sealed) return ok({ query: request.query, cursor: undefined });
  const opened = context.pageLinks.open(sealed[1], context.principal);
  if (opened.ok && opened.value.type !== pathOf(request.type))
    return fail('invalid', 'This page link belongs to another address.', { code: 'value' });
  return opened;
}

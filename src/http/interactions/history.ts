import { authorize, toldTo } from '../../access/decide.ts';
import { ok, type Result } from '../../base/errors.ts';
import type { Reader } from '../../store/types.ts';
import { seesAllOf } from '../../store/visibility.ts';
import type { FhirContext, FhirRequest, FhirResponse, Interaction } from '../fhir-request.ts';
import { historyAsked, historyBundle } from './history-page.ts';
import { notFound } from './read.ts';

/** `GET [base]/[type]/[id]/_history`: newest first, deletions included (FHIR R4, http.html#history). */
export const history: Interaction = (request, context) => historyIn(context.store, request, context);

/** The history as the store or, within a Bundle, the transaction has it. */
export async function historyIn(
  reader: Reader,
  request: FhirRequest,
  context: FhirContext,
): Promise<Result<FhirResponse>> {
  const { type = '', id = '' } = request;
  const visible = authorize(context.principal, type, 'r');
  if (!visible.ok) return visible;
  // In one statement, so that what is hidden takes the same path as what never was (TH-60).
  const current = await reader.readSeen(type, id, toldTo(context.principal, visible.value));
  if (!current) return notFound(type);
  const path = `${type}/${id}/_history`;
  const asked = historyAsked(request, path, context);
  if (!asked.ok) return asked;
  const page = asked.value;
  // Who does not see everything is not told how many versions there are: some may have been about another child.
  const isWhole = seesAllOf(context.definitions, visible.value, type);
  const hasTotal = page.since === undefined && page.at === undefined && isWhole;
  const found = await reader.history(type, id, { ...page, count: Math.max(1, page.count) });
  if (!found.ok) return found;
  const { versions, next, total } = found.value;
  const shown = [];
  for (const version of page.count === 0 ? [] : versions) {
    // One before it is told whole or not at all: what is a part of its own now may have stood there without a label.
    if (version.version === current.version) shown.push(current);
    else if (await reader.sees(visible.value, version)) shown.push(version);
  }
  const result = {
    versions: shown,
    ...(hasTotal && { total }),
    ...(next !== undefined && page.count > 0 && { next }),
  };
  return ok({ status: 200, resource: historyBundle(result, path, page, context) });
}

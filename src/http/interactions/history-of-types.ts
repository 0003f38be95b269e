import { authorize, mayAny, toldTo, visibilityOf } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import type { Reader, Visibility } from '../../store/types.ts';
import type { FhirContext, FhirRequest, FhirResponse, Interaction } from '../fhir-request.ts';
import { historyAsked, historyBundle } from './history-page.ts';

/**
 * `GET [base]/[type]/_history` and `GET [base]/_history`: every version of every resource that the caller may see, newest first,
 * deletions included (FHIR R4, http.html#history). Without a total: it would be dear, and tell of what is hidden. Needs the
 * scope for searching, as SMART App Launch 2.2 has it.
 */
export const historyOfTypes: Interaction = (request, context) => historyOfTypesIn(context.store, request, context);

/** The history as the store or, within a Bundle, the transaction has it. */
export async function historyOfTypesIn(
  reader: Reader,
  request: FhirRequest,
  context: FhirContext,
): Promise<Result<FhirResponse>> {
  const { type } = request;
  const visible = visibleTypes(type, context);
  if (!visible.ok) return visible;
  const path = pathOf(type);
  const asked = historyAsked(request, path, context);
  if (!asked.ok) return asked;
  const { asked: _asked, ...wanted } = asked.value;
  if (wanted.count === 0)
    return ok({ status: 200, resource: historyBundle({ versions: [] }, path, asked.value, context) });
  const types = type === undefined ? [...context.definitions.types] : [type];
  const found = await reader.historyOf({ ...wanted, types }, visible.value);
  return found.ok ? ok({ status: 200, resource: historyBundle(found.value, path, asked.value, context) }) : found;
}

function visibleTypes(type: string | undefined, { principal }: FhirContext): Result<Visibility> {
  if (type !== undefined) {
    const visible = authorize(principal, type, 's');
    return visible.ok ? ok(toldTo(principal, visible.value)) : visible;
  }
  if (!mayAny(principal, 's')) return fail('forbidden', "The access token's scopes do not allow searching.");
  return ok(toldTo(principal, visibilityOf(principal, 's')));
}

function pathOf(type: string | undefined): string {
  return type === undefined ? '_history' : `${type}/_history`;
}

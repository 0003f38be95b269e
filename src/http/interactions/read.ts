import { authorize, toldTo } from '../../access/decide.ts';
import { fail, ok, type Result } from '../../base/errors.ts';
import { parseJson, stringifyJson } from '../../fhir/json.ts';
import type { Reader, Stored, Visibility } from '../../store/types.ts';
import type { FhirContext, FhirRequest, FhirResponse, Interaction } from '../fhir-request.ts';
import { preference } from '../prefer.ts';
import { isPart, summarize, viewOf } from '../summary.ts';
import { etagOf, versionResponse } from '../versions.ts';

/** `GET [base]/[type]/[id]`. What the caller may not see is answered exactly like what never was. */
export const read: Interaction = async (request, context) => {
  const { type = '', id = '' } = request;
  const visible = authorize(context.principal, type, 'r');
  if (!visible.ok) return visible;
  const current = await readVisible(context.store, toldTo(context.principal, visible.value), type, id);
  if (!current.ok) return current;
  if (isKnown(request, current.value)) {
    return ok({ status: 304, etag: etagOf(current.value), lastModified: current.value.lastUpdated });
  }
  return viewResponse(current.value, request, context);
};

/** Conditional read (RFC 9110, 13.2.2): If-Modified-Since counts only without If-None-Match, and only to the second. */
function isKnown({ ifNoneMatch, ifModifiedSince }: FhirRequest, current: Stored): boolean {
  if (ifNoneMatch !== undefined)
    return ifNoneMatch.split(',').some((tag) => tag.trim() === '*' || weak(tag.trim()) === weak(etagOf(current)));
  const since = Date.parse(ifModifiedSince ?? '');
  return !Number.isNaN(since) && Math.floor(Date.parse(current.lastUpdated) / 1000) * 1000 <= since;
}

/** If-None-Match compares weakly: the tag alone counts (RFC 9110, 8.8.3.2). */
function weak(tag: string): string {
  return tag.replace(/^W\//, '');
}

/** The version, or the part of it that `_summary` or `_elements` ask for. */
export function viewResponse(stored: Stored, request: FhirRequest, context: FhirContext): Result<FhirResponse> {
  const { handling } = preference(request.prefer);
  const view = viewOf(request.query, { type: stored.type, definitions: context.definitions, handling });
  if (!view.ok) return view;
  const whole = versionResponse(stored, 200);
  if (!isPart(view.value)) return ok(whole);
  const part = summarize(parseJson(stored.json), view.value, context.definitions);
  return ok({ ...whole, json: stringifyJson(part) });
}

/** The current version when the visibility allows it: `not-found` when absent or hidden, `gone` when deleted. */
export async function readVisible(
  reader: Reader,
  visible: Visibility,
  type: string,
  id: string,
): Promise<Result<Stored>> {
  const stored = await reader.readSeen(type, id, visible);
  if (!stored) return notFound(type);
  if (stored.deleted) return fail('gone', `This ${type} was deleted.`);
  return ok(stored);
}

export function notFound(type: string) {
  return fail('not-found', `There is no such ${type}.`);
}

import { fail, ok, type Result } from '../base/errors.ts';
import type { Stored } from '../store/types.ts';
import type { FhirResponse } from './fhir-request.ts';

/** The weak ETag of a version: `W/"3"` (FHIR R4, http.html#versioning). */
export function etagOf(stored: Stored): string {
  return `W/"${stored.version}"`;
}

/** The version an If-Match header names; undefined when there is no header. */
export function versionOfIfMatch(header: string | undefined): Result<number | undefined> {
  if (header === undefined) return ok(undefined);
  const match = /^\s*(?:W\/)?"?(\d{1,9})"?\s*$/.exec(header);
  if (!match?.[1]) return fail('precondition', 'If-Match must name one version of this server, e.g. W/"3".');
  return ok(Number(match[1]));
}

/** The answer that carries one stored version, with its headers. */
export function versionResponse(stored: Stored, status: number, extra: Partial<FhirResponse> = {}): FhirResponse {
  return { status, json: stored.json, etag: etagOf(stored), lastModified: stored.lastUpdated, ...extra };
}

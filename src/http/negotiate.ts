import type { Request } from 'express';
import { fail, ok, type Result } from '../base/errors.ts';

const jsonFormats = new Set(['json', 'application/json', 'application/fhir+json', 'text/json', '*/*', 'application/*']);

/** This server speaks FHIR in JSON only: `_format` decides, else Accept (FHIR R4, http.html#mime-type). Browsers are let through. */
export function wantsJson(request: Request): Result<void> {
  const format = request.query._format;
  if (typeof format === 'string') {
    const named = format.replace(' ', '+').split(';')[0] ?? '';
    return jsonFormats.has(named) ? ok(undefined) : notJson();
  }
  const accept = request.get('accept');
  if (accept === undefined || accept === '') return ok(undefined);
  const offered = accept.split(',').map((part) => part.split(';')[0]?.trim().toLowerCase() ?? '');
  return offered.some((type) => jsonFormats.has(type) || type === 'text/html') ? ok(undefined) : notJson();
}

function notJson() {
  return fail('unsupported-media', 'This server answers in JSON only: ask for application/fhir+json.');
}

import type { Request } from 'express';
import { fail, ok, type Result } from '../base/errors.ts';

const jsonNames: ReadonlySet<string> = new Set(['json', 'application/json', 'application/fhir+json', 'text/json']);
const ranges: ReadonlySet<string> = new Set(['*/*', 'application/*', 'text/*']);
/** What `fhirVersion` may say of what we speak (FHIR R4, http.html#version-parameter). */
const versions: ReadonlySet<string> = new Set(['4.0', '4.0.1']);

/**
 * This server speaks FHIR R4 in JSON only. `_format` decides, else Accept (FHIR R4, http.html#mime-type). Browsers, which ask for HTML, are
 * let through. Error `not-acceptable` (406): no form of the answer that the caller would take.
 */
export function wantsJson({ _format: format }: Request['query'], accept: string | undefined): Result<void> {
  if (format !== undefined) return acceptsFormat(String(format));
  if (accept === undefined || accept.trim() === '') return ok(undefined);
  const isTaken = accept.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    return (jsonNames.has(name) || ranges.has(name) || name === 'text/html') && parameters.every(isPossible);
  });
  return isTaken ? ok(undefined) : notJson();
}

/** The same for a `_format` alone: one that comes in the form of a POST `_search`, too. */
export function acceptsFormat(format: string): Result<void> {
  // A plus that was not encoded arrives as a space.
  const [name = '', ...parameters] = format.split(';').map((text) => text.trim().toLowerCase().replace(' ', '+'));
  return jsonNames.has(name) && parameters.every(isPossible) ? ok(undefined) : notJson();
}

/** `q=0` is a refusal; another version of FHIR is not what we speak. */
function isPossible(parameter: string): boolean {
  const [name = '', value = ''] = parameter.split('=').map((text) => text.trim().replace(/^"|"$/g, ''));
  if (name === 'q') return Number(value) > 0;
  return name !== 'fhirversion' || versions.has(value);
}

function notJson() {
  return fail('not-acceptable', 'This server answers in FHIR R4 as JSON only: ask for application/fhir+json.');
}

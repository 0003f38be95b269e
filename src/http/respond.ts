import type { Response } from 'express';
import { stringifyJson } from '../fhir/json.ts';
import { operationOutcome } from '../fhir/outcome.ts';
import type { FhirResponse } from './fhir-request.ts';
import { preference } from './prefer.ts';

/** Writes an interaction's answer: status, version headers, and the body that Prefer asks for. */
export function sendFhir(response: Response, answer: FhirResponse, prefer: string | undefined, method: string): void {
  if (answer.etag) response.set('ETag', answer.etag);
  if (answer.lastModified) response.set('Last-Modified', new Date(answer.lastModified).toUTCString());
  if (answer.location) response.set('Location', answer.location);
  response.set('Cache-Control', 'no-store');
  response.status(answer.status);
  const body = bodyOf(answer, prefer);
  if (body === undefined || method === 'HEAD') {
    response.end();
    return;
  }
  response.type('application/fhir+json; charset=utf-8').send(body);
}

function bodyOf(answer: FhirResponse, prefer: string | undefined): string | undefined {
  if (answer.status === 204 || answer.status === 304) return undefined;
  const wish = answer.write ? preference(prefer).return : 'representation';
  if (wish === 'minimal') return undefined;
  if (wish === 'OperationOutcome') {
    return stringifyJson(
      operationOutcome([{ code: 'informational', severity: 'information', text: 'The resource was stored.' }]),
    );
  }
  return answer.json ?? (answer.resource ? stringifyJson(answer.resource) : undefined);
}

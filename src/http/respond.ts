import type { Response } from 'express';
import type { Issue } from '../base/errors.ts';
import { parseJson, stringifyJson } from '../fhir/json.ts';
import { operationOutcome } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/types.ts';
import { sendText } from './compress.ts';
import type { FhirResponse } from './fhir-request.ts';
import { preference } from './prefer.ts';

/** What of a request decides how its answer is written. */
export interface Wish {
  method: string;
  prefer?: string;
  /** `_pretty=true`: with line breaks, for people. */
  pretty?: boolean;
}

/** Writes an interaction's answer: status, version headers, and the body that Prefer asks for. */
export async function sendFhir(response: Response, answer: FhirResponse, wish: Wish): Promise<void> {
  if (answer.etag) response.setHeader('ETag', answer.etag);
  if (answer.lastModified) response.setHeader('Last-Modified', new Date(answer.lastModified).toUTCString());
  if (answer.location) response.set('Location', answer.location);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  response.setHeader('Cache-Control', 'no-store');
  response.status(answer.status);
  if (answer.raw) return sendRaw(response, answer.raw, wish);
  const body = bodyOf(answer, wish.prefer);
  if (body !== undefined) response.setHeader('Content-Type', 'application/fhir+json; charset=utf-8');
  if (body === undefined || wish.method === 'HEAD') {
    response.end();
    return;
  }
  if (wish.pretty) await sendText(response, JSON.stringify(parseJson(body), undefined, 2));
  else await sendText(response, body, answer.bytes);
}

/** A document is shown where it arrives; saved, it has the name of what it is and of nobody. */
function sendRaw(response: Response, { contentType, bytes, name }: NonNullable<FhirResponse['raw']>, wish: Wish): void {
  const [, ending = ''] = contentType.split('/');
  response.setHeader('Content-Type', contentType.startsWith('text/') ? `${contentType}; charset=utf-8` : contentType);
  response.setHeader('Content-Disposition', `inline; filename="${name}.${ending}"`);
  response.setHeader('Content-Length', bytes.length);
  response.end(wish.method === 'HEAD' ? undefined : bytes);
}

function bodyOf(answer: FhirResponse, prefer: string | undefined): string | undefined {
  if (answer.status === 204 || answer.status === 304) return undefined;
  const wish = answer.write ? preference(prefer).return : 'representation';
  if (wish === 'minimal') return undefined;
  if (wish === 'OperationOutcome') return stringifyJson(writtenOutcome(answer.remarks));
  return answer.json ?? (answer.resource ? stringifyJson(answer.resource) : undefined);
}

/** What `Prefer: return=OperationOutcome` answers to a write: what validation remarked, and that it is done (FHIR R4, http.html#ops). */
export function writtenOutcome(remarks: readonly Issue[] = []): Resource {
  return operationOutcome([
    ...remarks,
    { code: 'informational', severity: 'information', text: 'The resource was stored.' },
  ]);
}

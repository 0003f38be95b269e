import express, { type Request, type Response } from 'express';
import { fail, ok, type Result } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { parseJsonStrict } from '../fhir/json.ts';

const jsonTypes = ['application/fhir+json', 'application/json', 'application/json+fhir', 'text/json'];

const raw = express.raw({ type: () => true, limit: limits.http.bodyBytes });

/**
 * Reads any body as bytes, bounded after decompression; what it means is decided later. Called once the caller is known: nobody
 * without a token makes us hold a large body. Rejects with what `faultHandler` turns into an answer.
 */
export function readBody(request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    raw(request, response, (fault: unknown) => (fault === undefined ? resolve() : reject(fault)));
  });
}

function bytesOf(request: Request): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/** '' also for a character set that JSON is never in (RFC 8259, 8.1): the bytes would be read as something else. */
function mediaType(request: Request): string {
  const [name = '', ...parameters] = (request.get('content-type') ?? '').split(';').map((part) => part.trim());
  const isUtf8 = parameters.every((one) => !/^charset=/i.test(one) || /^charset="?utf-?8"?$/i.test(one));
  return isUtf8 ? name.toLowerCase() : '';
}

/** The JSON body; refuses other media types, malformed text, and nothing at all. */
export function jsonBody(request: Request): Result<unknown> {
  if (jsonTypes.includes(mediaType(request))) return parsedBody(request);
  return fail('unsupported-media', 'This server reads FHIR as JSON: send Content-Type: application/fhir+json.');
}

/** The body of a PATCH: a list when it comes as JSON Patch (RFC 6902), an object when it comes as FHIR (a Parameters resource). */
export function patchBody(request: Request): Result<unknown> {
  const isJsonPatch = mediaType(request) === 'application/json-patch+json';
  if (!isJsonPatch && !jsonTypes.includes(mediaType(request))) {
    return fail(
      'unsupported-media',
      'Send a patch as application/json-patch+json or as application/fhir+json (Parameters).',
    );
  }
  const body = parsedBody(request);
  if (!body.ok || Array.isArray(body.value) === isJsonPatch) return body;
  return isJsonPatch
    ? fail('invalid', 'A JSON Patch is a list of operations.', { code: 'structure' })
    : fail('unsupported-media', 'A JSON Patch is sent as application/json-patch+json.');
}

function parsedBody(request: Request): Result<unknown> {
  const bytes = bytesOf(request);
  if (bytes.length === 0) return fail('invalid', 'The body is empty.', { code: 'required' });
  const text = decodeUtf8(bytes);
  return text === undefined ? fail('invalid', 'The body is not UTF-8.', { code: 'structure' }) : parseJsonStrict(text);
}

/** The parameters of `POST _search`: those of the URL, then those of the form. */
export function formBody(request: Request): Result<[string, string][]> {
  const bytes = bytesOf(request);
  if (bytes.length === 0) return ok([]);
  if (mediaType(request) !== 'application/x-www-form-urlencoded') {
    return fail('unsupported-media', 'Send _search parameters as application/x-www-form-urlencoded.');
  }
  return ok([...new URLSearchParams(bytes.toString('utf8'))]);
}

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
}

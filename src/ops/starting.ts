import type { RequestListener } from 'node:http';
import { operationOutcome } from '../fhir/outcome.ts';

const text = 'Careweave is starting.';

/**
 * Answers while the house is being opened, which takes long when the search index is written anew: alive, so that nobody who watches
 * over the process ends it; not ready, 503; and as FHIR where FHIR is asked.
 */
export const starting: RequestListener = (request, response) => {
  const path = request.url?.split('?')[0] ?? '';
  if (path === '/health/live') {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"status":"live"}');
    return;
  }
  const isFhir = path === '/fhir' || path.startsWith('/fhir/');
  const body = isFhir ? JSON.stringify(operationOutcome([{ code: 'transient', text }])) : `${text}\n`;
  const type = isFhir ? 'application/fhir+json' : 'text/plain';
  response.writeHead(503, { 'Retry-After': '2', 'Content-Type': type }).end(body);
};

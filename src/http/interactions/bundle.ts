import type { CareError, Result } from '../../base/errors.ts';
import { planBundle } from '../../fhir/bundle.ts';
import { parseJson } from '../../fhir/json.ts';
import { operationOutcome } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/types.ts';
import { statusFor } from '../errors.ts';
import type { FhirRequest, FhirResponse, Interaction, Interactions } from '../fhir-request.ts';
import { preference } from '../prefer.ts';
import { writtenOutcome } from '../respond.ts';
import { createBatch } from './batch.ts';
import { transaction } from './transaction.ts';

/** `POST [base]`: a batch or a transaction. A transaction is never run as a batch. */
export function createBundle(run: Interactions): Interaction {
  const batch = createBatch(run);
  return async (request, context) => {
    const plan = planBundle(request.body, { baseUrl: context.baseUrl, definitions: context.definitions });
    if (!plan.ok) return plan;
    const answers =
      plan.value.type === 'batch'
        ? await batch(plan.value, request, context)
        : await transaction(plan.value, request, context);
    if (!answers.ok) return answers;
    const entry = answers.value.map((answer) => responseEntry(answer, request));
    return {
      ok: true,
      value: { status: 200, resource: { resourceType: 'Bundle', type: `${plan.value.type}-response`, entry } },
    };
  };
}

function responseEntry(answer: Result<FhirResponse>, request: FhirRequest): object {
  if (!answer.ok)
    return { response: { status: statusLine(answer.error), outcome: operationOutcome(answer.error.issues) } };
  const { status, json, resource, etag, lastModified, location, write, remarks } = answer.value;
  const response: Record<string, unknown> = { status: statusText(status) };
  if (location !== undefined) response.location = location;
  if (etag !== undefined) response.etag = etag;
  if (lastModified !== undefined) response.lastModified = lastModified;
  if (write && preference(request.prefer).return === 'OperationOutcome') response.outcome = writtenOutcome(remarks);
  // The results of writes are only sent back when they were asked for: a large transaction would double in size.
  const wanted = !write || (request.prefer !== undefined && preference(request.prefer).return === 'representation');
  const body: unknown = wanted ? (json ? parseJson(json) : resource) : undefined;
  return body === undefined ? { response } : { resource: body as Resource, response };
}

const reasons: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  422: 'Unprocessable Content',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

function statusLine(error: CareError): string {
  return statusText(statusFor(error));
}

function statusText(status: number): string {
  return reasons[status] ? `${status} ${reasons[status]}` : String(status);
}

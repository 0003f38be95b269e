import type { Response } from 'express';
import { stringifyJson } from '../../fhir/json.ts';
import type { Resource, r4 } from '../../fhir/types.ts';

/** One problem as an OperationOutcome. `code` is a FHIR IssueType; `text` never repeats a value about a person. */
export function outcome(code: string, text: string, severity: 'error' | 'warning' = 'error'): r4.OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: [{ severity, code: code as r4.OperationOutcomeIssue['code'], details: { text } }],
  };
}

/** Answers with a FHIR resource, digits as they were written. */
export function sendResource(
  response: Response,
  status: number,
  resource: Resource | r4.OperationOutcome | r4.Bundle,
): void {
  response.status(status).type('application/fhir+json').send(stringifyJson(resource));
}

export function refuse(response: Response, status: number, code: string, text: string): void {
  sendResource(response, status, outcome(code, text));
}

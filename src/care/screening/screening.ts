import type { Clock } from '../../base/clock.ts';
import { createFhirPath } from '../../fhir/fhirpath.ts';
import type { CarePart } from '../parts.ts';
import { checkForm } from './check-form.ts';
import { checkMapsCommand } from './check-maps.ts';
import { checkPrivate } from './check-private.ts';
import { checkResponse } from './check-response.ts';
import { extractOnCompletion } from './extract-on-completion.ts';
import { extractOperations } from './extract-operation.ts';
import { populateOperations } from './populate-operation.ts';
import { submitOperation } from './submit-operation.ts';

/** Forms, and what their answers become (decision D10, docs/screening.md). */
export function screeningPart(clock: Clock): CarePart {
  const fhirPath = createFhirPath();
  return {
    checks: [checkForm, checkPrivate, checkResponse(fhirPath)],
    effects: [extractOnCompletion(fhirPath, clock)],
    operations: [
      ...populateOperations(fhirPath, clock),
      ...extractOperations(fhirPath, clock),
      submitOperation({ clock }),
    ],
    commands: [checkMapsCommand],
  };
}

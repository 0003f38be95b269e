import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createFhirPath } from '../../../src/fhir/fhirpath.ts';
import type { r4 } from '../../../src/fhir/types.ts';

export const fhirPath = createFhirPath();
export const base = 'http://careweave.org/fhir';
export const loinc = 'http://loinc.org';

export function form(name: string): r4.Questionnaire {
  return JSON.parse(
    readFileSync(path.join(import.meta.dirname, `../../../profiles/questionnaires/${name}.json`), 'utf8'),
  );
}

export function coding(code: string, system = loinc): r4.QuestionnaireResponseItemAnswer {
  return { valueCoding: { system, code } };
}

export const declined = coding('asked-declined', 'http://terminology.hl7.org/CodeSystem/data-absent-reason');

/** A response to Hunger Vital Sign with these answers. */
export function food(worried?: string | object, ranOut?: string | object, more: object = {}): r4.QuestionnaireResponse {
  const item = (linkId: string, answer: string | object | undefined) =>
    answer === undefined ? [] : [{ linkId, answer: [typeof answer === 'string' ? coding(answer) : answer] }];
  return {
    resourceType: 'QuestionnaireResponse',
    questionnaire: `${base}/Questionnaire/hunger-vital-sign`,
    status: 'completed',
    subject: { reference: 'Patient/child-1' },
    authored: '2026-03-02T15:00:00Z',
    item: [{ linkId: 'food', item: [...item('worried', worried), ...item('ran-out', ranOut)] }],
    ...more,
  };
}

export const often = 'LA28397-0';
export const never = 'LA28398-8';

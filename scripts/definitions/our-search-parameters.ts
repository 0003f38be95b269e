import type { SearchParameterSource } from './search-parameters.ts';

const base = 'http://careweave.org/fhir/SearchParameter';

/** Search parameters that R4 and US Core do not have, and this house needs for its own work. */
export const ourSearchParameters: readonly SearchParameterSource[] = [
  {
    // A goal is as confidential as what it is for (profiles/privacy, `inherits`).
    url: `${base}/goal-addresses`,
    code: 'addresses',
    type: 'reference',
    base: ['Goal'],
    expression: 'Goal.addresses',
    target: ['Condition', 'MedicationStatement', 'NutritionOrder', 'Observation', 'RiskAssessment', 'ServiceRequest'],
  },
];

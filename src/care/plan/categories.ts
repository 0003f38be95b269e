import { planCategorySystem, sharedPlanCode } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';

/** The three codings of decision D3: for partners on US Core 8 and older, for anyone who knows SNOMED CT, and ours. */
export function sharedPlanCategories(): r4.CodeableConcept[] {
  return [
    { coding: [{ system: 'http://hl7.org/fhir/us/core/CodeSystem/careplan-category', code: 'assess-plan' }] },
    { coding: [{ system: 'http://snomed.info/sct', code: '734163000', display: 'Care plan' }] },
    { coding: [{ system: planCategorySystem, code: sharedPlanCode, display: 'Shared plan of care' }] },
  ];
}

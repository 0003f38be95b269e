import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { r4 } from '../../fhir/types.ts';

/** Extensions of HL7 Structured Data Capture 4 that are understood here, and those of our own. */
const base = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-';

export const sdc = {
  observationExtract: `${base}observationExtract`,
  observationCategory: `${base}observation-extract-category`,
  observationLinkPeriod: `${base}observationLinkPeriod`,
  calculatedExpression: `${base}calculatedExpression`,
  initialExpression: `${base}initialExpression`,
  enableWhenExpression: `${base}enableWhenExpression`,
  launchContext: `${base}launchContext`,
  templateExtract: `${base}templateExtract`,
  templateExtractBundle: `${base}templateExtractBundle`,
  templateExtractContext: `${base}templateExtractContext`,
  templateExtractValue: `${base}templateExtractValue`,
  extractAllocateId: `${base}extractAllocateId`,
  isSubject: `${base}isSubject`,
} as const;

export const ours = {
  extractOnCompletion: `${canonicalBase}/StructureDefinition/extract-on-completion`,
  privateAnswers: `${canonicalBase}/StructureDefinition/private-answers`,
  answersKeptApart: `${canonicalBase}/StructureDefinition/answers-kept-apart`,
} as const;

export interface Extended {
  extension?: r4.Extension[];
}

export function extensions({ extension = [] }: Extended, url: string): r4.Extension[] {
  return extension.filter((one) => one.url === url);
}

export function extension(element: Extended, url: string): r4.Extension | undefined {
  return extensions(element, url)[0];
}

/** The FHIRPath of an extension whose value is an Expression or, as SDC lets the template ones, a text. */
export function expressionOf(one: r4.Extension | undefined): string | undefined {
  const { valueExpression, valueString } = one ?? {};
  if (valueExpression === undefined) return valueString;
  return valueExpression.language === 'text/fhirpath' ? valueExpression.expression : undefined;
}

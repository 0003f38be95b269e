/**
 * The library FHIRHelpers, which nearly every published measure includes: it turns FHIR's types into CQL's. The engine knows these
 * conversions itself; the translator needs their signatures, and whoever reads the ELM elsewhere their definitions. Both are made from the
 * model that the translator reads, because there are some 250 codes with a type of their own.
 */

export const fhirHelpersName = 'FHIRHelpers';

interface Conversion {
  name: string;
  from: string;
}

/** What each conversion is, where it is not just the value of a primitive. Source: FHIR R4 datatypes; CQL 1.5, appendix B. */
const bodies: Readonly<Record<string, string>> = {
  Coding:
    'System.Code { code: it.code.value, system: it.system.value, version: it.version.value, display: it.display.value }',
  CodeableConcept: 'System.Concept { codes: it.coding C return ToCode(C), display: it.text.value }',
  Quantity: "System.Quantity { value: it.value.value, unit: Coalesce(it.code.value, it.unit.value, '1') }",
  Period: 'Interval[it."start".value, it."end".value]',
  Range: 'Interval[ToQuantity(it.low), ToQuantity(it.high)]',
  Ratio: 'System.Ratio { numerator: ToQuantity(it.numerator), denominator: ToQuantity(it.denominator) }',
};

function conversionsOf(modelInfo: string): Conversion[] {
  const found = modelInfo.matchAll(/<conversionInfo functionName="FHIRHelpers\.(\w+)" fromType="FHIR\.([^"]+)"/g);
  return [...found].map(([, name = '', from = '']) => ({ name, from }));
}

/** The CQL of FHIRHelpers for a FHIR model (its model info as XML), under the version that was asked for. */
export function fhirHelpers(modelInfo: string, version: string): string {
  const functions = conversionsOf(modelInfo).map(({ name, from }) => {
    const body = bodies[from] ?? 'it.value';
    return `define function ${name}(it FHIR."${from}"):\n  if it is null then null else ${body}\n`;
  });
  return [
    `library ${fhirHelpersName} version '${version}'\n`,
    "using FHIR version '4.0.1'\n",
    'context Patient\n',
    ...functions,
  ].join('\n');
}

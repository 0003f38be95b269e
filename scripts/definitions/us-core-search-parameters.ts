import type { SearchParameterSource } from './search-parameters.ts';

/**
 * US Core's own search parameters of `Patient` end at the bare code, so that `system|code` would find nothing; here they end at
 * the Coding, which finds all that theirs finds and more.
 */
const widened: Readonly<Record<string, string>> = {
  'Patient.race': codesOf('us-core-race'),
  'Patient.ethnicity': codesOf('us-core-ethnicity'),
  'Patient.gender-identity': `Patient.extension.where(url = '${extension('us-core-genderIdentity')}').valueCodeableConcept`,
};

function extension(name: string): string {
  return `http://hl7.org/fhir/us/core/StructureDefinition/${name}`;
}

/** The categories and the details of race or ethnicity; their text is no code. */
function codesOf(name: string): string {
  const inner = `Patient.extension.where(url = '${extension(name)}').extension`;
  return ['ombCategory', 'detailed'].map((part) => `${inner}.where(url = '${part}').valueCoding`).join(' | ');
}

/** The patient whose record a Provenance tells of, as R5 has it (see src/fhir/provenance.ts). */
const provenancePatient =
  "Provenance.extension.where(url = 'http://hl7.org/fhir/5.0/StructureDefinition/extension-Provenance.patient').valueReference.where(resolve() is Patient)";

/**
 * R4's search parameters and behind them US Core's: where two have one code on a type, the first stands (`build-definitions.ts`), so
 * R4's meaning would win. Of those that are published none collide. R4's `patient` of Provenance, which finds those that target the
 * Patient itself, is widened by what R5 means by it.
 */
export function withUsCore<T extends SearchParameterSource>(r4: readonly T[], usCore: readonly T[]): T[] {
  const own = r4.map((source) => {
    if (source.code !== 'patient' || source.base.join() !== 'Provenance') return source;
    return { ...source, expression: `${source.expression} | ${provenancePatient}` };
  });
  const further = usCore.map((source) => {
    const expression = widened[`${source.base.join()}.${source.code}`];
    return expression === undefined ? source : { ...source, expression };
  });
  return [...own, ...further];
}

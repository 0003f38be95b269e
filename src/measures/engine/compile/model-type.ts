import { FhirElement } from '../model/element.ts';
import type { FhirModel, FhirType } from '../model/fhir-model.ts';
import type { Value } from '../values/types.ts';

const fhirPrefix = '{http://hl7.org/fhir}';

/** A type of FHIR by its qualified name in ELM. The model of CQL has its own names for the inside of elements (`Encounter.Location`). */
export function modelTypeNamed(model: FhirModel, name: string): FhirType | undefined {
  return name.startsWith(fhirPrefix) ? model.type(fhirNameOf(name)) : undefined;
}

function fhirNameOf(name: string): string {
  return name.slice(fhirPrefix.length).replace(/\.([A-Z])/g, (_, letter: string) => `.${letter.toLowerCase()}`);
}

/**
 * A test for a type of FHIR. The model of CQL has names of its own for codes of required value sets: an `EncounterStatus` is a
 * `code`.
 */
export function modelTypeTest(model: FhirModel, name: string): ((value: Value) => boolean) | undefined {
  if (!name.startsWith(fhirPrefix)) return undefined;
  const fhirName = fhirNameOf(name);
  const isAbstract = ['Element', 'BackboneElement', 'Resource', 'DomainResource'].includes(fhirName);
  const wanted = isAbstract || model.type(fhirName) ? fhirName : 'code';
  let type: FhirType | undefined;
  let answer = false;
  return (value) => {
    if (!(value instanceof FhirElement)) return false;
    if (value.type !== type) {
      type = value.type;
      answer = type.is(wanted);
    }
    return answer;
  };
}

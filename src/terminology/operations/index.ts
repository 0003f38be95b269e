import type { OperationInput, TerminologyOperation } from '../types.ts';
import { expand } from './expand.ts';
import type { OperationDeps } from './input.ts';
import { lookup } from './lookup.ts';
import { subsumes } from './subsumes.ts';
import { translate } from './translate.ts';
import { validateCodeInCodeSystem } from './validate-code-in-code-system.ts';
import { validateCodeInValueSet } from './validate-code-in-value-set.ts';

/** Every terminology operation: type, name, canonical, levels, handler. */
const table = [
  ['ValueSet', 'expand', 'ValueSet-expand', ['type', 'instance'], expand],
  ['ValueSet', 'validate-code', 'ValueSet-validate-code', ['type', 'instance'], validateCodeInValueSet],
  ['CodeSystem', 'validate-code', 'CodeSystem-validate-code', ['type', 'instance'], validateCodeInCodeSystem],
  ['CodeSystem', 'lookup', 'CodeSystem-lookup', ['type'], lookup],
  ['CodeSystem', 'subsumes', 'CodeSystem-subsumes', ['type', 'instance'], subsumes],
  ['ConceptMap', 'translate', 'ConceptMap-translate', ['type', 'instance'], translate],
] as const;

export function terminologyOperations(deps: OperationDeps): TerminologyOperation[] {
  return table.flatMap(([resourceType, name, definition, levels, handle]) =>
    levels.map((level) => ({
      name,
      definition: `http://hl7.org/fhir/OperationDefinition/${definition}`,
      level,
      resourceType,
      affectsState: false,
      requires: [[resourceType, 'r']],
      handle: (input: OperationInput) => handle(input, deps),
    })),
  );
}

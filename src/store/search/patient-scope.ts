import type { Definitions } from '../../fhir/definitions.ts';
import type { Criterion, SearchParam } from '../../fhir/search/query.ts';

const anyTarget = (expression: string) => expression.replaceAll('.where(resolve() is Patient)', '');

/** The elements that say whose compartment a resource of the type is in. */
function compartmentElements(definitions: Definitions, type: string): string[] {
  const params = definitions.searchParams(type);
  const codes = definitions.compartmentParams(type);
  return codes.flatMap((code) => params.get(code)?.expression ?? []).map(anyTarget);
}

/** True when what refers to a patient by the parameter is in the patient's compartment. */
export function leadsToCompartment(definitions: Definitions, type: string, param: SearchParam): boolean {
  return compartmentElements(definitions, type).includes(anyTarget(param.expression));
}

/**
 * The one patient whose compartment holds every match, when a filter says so, as `patient=Patient/1` does. R4 names one element
 * twice (`patient` and `subject`) and has only one of the two names in the compartment, so elements are compared, not names.
 */
export function patientOf(definitions: Definitions, type: string, criteria: readonly Criterion[]): string | undefined {
  const elements = compartmentElements(definitions, type);
  for (const criterion of criteria) {
    if (criterion.kind !== 'filter') continue;
    const { param, modifier, values } = criterion;
    const [value, ...others] = values;
    if (others.length > 0 || modifier === 'not' || value?.kind !== 'reference') continue;
    if (value.type === 'Patient' && value.id !== undefined && elements.includes(anyTarget(param.expression)))
      return value.id;
  }
  return undefined;
}

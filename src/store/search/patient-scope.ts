import type { Definitions } from '../../fhir/definitions.ts';
import type { Criterion, SearchParam } from '../../fhir/search/query.ts';

const anyTarget = (expression: string) => expression.replaceAll('.where(resolve() is Patient)', '');

/** True when what refers to a patient by the parameter is in the patient's compartment. */
export function leadsToCompartment(definitions: Definitions, type: string, param: SearchParam): boolean {
  const params = definitions.searchParams(type);
  const codes = definitions.compartmentParams(type);
  const named = codes.flatMap((code) => params.get(code) ?? []);
  // The elements that say whose compartment a resource of the type is in, by whatever name.
  const isElement = ({ expression }: SearchParam) => anyTarget(expression) === anyTarget(param.expression);
  return named.includes(param) || named.some(isElement);
}

/**
 * The one patient whose compartment holds every match, when a filter says so, as `patient=Patient/1` does. R4 names one element
 * twice (`patient` and `subject`) and has only one of the two names in the compartment, so elements are compared, not names.
 */
export function patientOf(definitions: Definitions, type: string, criteria: readonly Criterion[]): string | undefined {
  for (const criterion of criteria) {
    if (criterion.kind !== 'filter') continue;
    const { param, modifier, values } = criterion;
    const [value, ...others] = values;
    if (others.length > 0 || modifier === 'not' || value?.kind !== 'reference') continue;
    if (value.type === 'Patient' && value.id !== undefined && leadsToCompartment(definitions, type, param))
      return value.id;
  }
  return undefined;
}

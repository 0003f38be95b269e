import type { Definitions } from '../../fhir/definitions.ts';
import { subjectParams } from '../../fhir/patient-reach.ts';
import type { Criterion, SearchParam } from '../../fhir/search/query.ts';

/** Expressions as they are compared: each is asked for with every search, and stays what it is. */
const compared = new WeakMap<SearchParam, string>();

/** What a parameter looks at, whatever type of record that must lead to. */
function elementsOf(param: SearchParam): string {
  const known = compared.get(param) ?? param.expression.replaceAll('.where(resolve() is Patient)', '');
  compared.set(param, known);
  return known;
}

/** True when what refers to a patient by the parameter is in the patient's compartment. */
export function leadsToCompartment(definitions: Definitions, type: string, param: SearchParam): boolean {
  const params = definitions.searchParams(type);
  const codes = definitions.compartmentParams(type);
  const named = codes.flatMap((code) => params.get(code) ?? []);
  // The elements that say whose compartment a resource of the type is in, by whatever name.
  return named.includes(param) || named.some((one) => elementsOf(one) === elementsOf(param));
}

/**
 * The one patient whose compartment holds every match, when a filter says so, as `patient=Patient/1` does. R4 names one element
 * twice (`patient` and `subject`) and has only one of the two names in the compartment, so elements are compared, not names.
 */
export function patientOf(
  definitions: Definitions,
  type: string,
  criteria: readonly Criterion[],
  leads = leadsToCompartment,
): string | undefined {
  for (const criterion of criteria) {
    if (criterion.kind !== 'filter') continue;
    const { param, modifier, values } = criterion;
    const [value, ...others] = values;
    if (others.length > 0 || modifier === 'not' || value?.kind !== 'reference') continue;
    if (value.type === 'Patient' && value.id !== undefined && leads(definitions, type, param)) return value.id;
  }
  return undefined;
}

/** Types whose records may be about several patients, named side by side in one element. */
const ofSeveral: ReadonlySet<string> = new Set(['Account', 'Contract', 'Schedule']);

/**
 * True when the parameter looks at the one element that says whom a record of the type is about, and which names one patient at most: that
 * patient is the first of the record's (`resource.patient_id`; see `finish` of fhir/search/extract.ts), so no other place need be looked at.
 */
export function isSubject(definitions: Definitions, type: string, param: SearchParam): boolean {
  const params = definitions.searchParams(type);
  const compartment = definitions.compartmentParams(type);
  const about = (subjectParams(type, new Set(compartment)) ?? compartment).flatMap((code) => params.get(code) ?? []);
  const element = elementOf(param);
  if (element === undefined || about.length === 0 || ofSeveral.has(type)) return false;
  return about.every((one) => elementOf(one) === element);
}

/** The element of the record itself that a parameter looks at; undefined when that is several, or lies deeper. */
function elementOf({ paths = [] }: SearchParam): string | undefined {
  const [only, ...others] = paths;
  const [step, ...deeper] = only?.steps ?? [];
  return others.length === 0 && deeper.length === 0 && typeof step === 'string' ? step : undefined;
}

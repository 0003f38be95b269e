import type { Resource, r4 } from '../../fhir/types.ts';
import { needsOf } from '../currency/needs.ts';
import type { Need } from '../engine/contract.ts';
import type { ReadyMeasure } from '../types.ts';

/** What a measure reads, as FHIR tells it, each once and in one order. */
export function requirementsOf(measure: ReadyMeasure): r4.DataRequirement[] {
  const byText = new Map<string, r4.DataRequirement>();
  for (const need of [{ type: 'Patient' }, ...needsOf(measure)]) {
    const requirement = requirementOf(need);
    byText.set(JSON.stringify(requirement), requirement);
  }
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, requirement]) => requirement);
}

function requirementOf({ type, path, codes, profile, valueSets = [] }: Need): r4.DataRequirement {
  const requirement: r4.DataRequirement = { type: type as r4.DataRequirement['type'] };
  if (profile !== undefined) requirement.profile = [profile];
  if (path === undefined || (codes === undefined && valueSets.length === 0)) return requirement;
  // A filter names one value set; of several, and of single codes, the codes.
  const [valueSet, second] = valueSets;
  requirement.codeFilter = [
    valueSet !== undefined && second === undefined
      ? { path, valueSet }
      : { path, code: [...(codes ?? [])].sort().map(codingOf) },
  ];
  return requirement;
}

function codingOf(key: string): r4.Coding {
  const cut = key.lastIndexOf('|');
  return { system: key.slice(0, cut), code: key.slice(cut + 1) };
}

/** What nobody does in order to close a gap: that a child had the disease, or cannot have the vaccine, closes it too. */
const conditions: readonly string[] = ['Condition', 'AllergyIntolerance', 'AdverseEvent'];

/** What a group's numerator looks for and nothing in the record is: what may close a gap, conditions only where there is nothing else. Each value set once. */
export function notFoundOf(
  { sought }: ReadyMeasure,
  group: string,
  resources: readonly Resource[],
): r4.DataRequirement[] {
  const missing = (sought?.get(group) ?? []).filter((need) => !resources.some((resource) => isNeeded(resource, need)));
  const done = missing.filter(({ type }) => !conditions.includes(type));
  const told = (done.length > 0 ? done : missing).map(requirementOf);
  return [...new Map(told.map((one) => [JSON.stringify(one), one])).values()];
}

/** Of a child's record what one of the measures reads. */
export function neededOf(measures: readonly ReadyMeasure[], resources: readonly Resource[]): Resource[] {
  const needs = measures.flatMap((measure) => needsOf(measure));
  return resources.filter(
    (resource) => resource.resourceType === 'Patient' || needs.some((need) => isNeeded(resource, need)),
  );
}

/** By type, and by code where the element holds codes by itself; what cannot be decided is needed. */
function isNeeded(resource: Resource, { type, path, codes }: Need): boolean {
  if (resource.resourceType !== type) return false;
  if (codes === undefined || path === undefined) return true;
  const value = resource[path];
  // A choice of types, or a reference to what has the code.
  if (typeof value !== 'object' || value === null) return true;
  const concepts = (Array.isArray(value) ? value : [value]) as (r4.CodeableConcept & r4.Coding)[];
  return concepts.some(
    (concept) =>
      concept?.coding?.some(({ system, code }) => codes.has(`${system ?? ''}|${code ?? ''}`)) ??
      codes.has(`${concept?.system ?? ''}|${concept?.code ?? ''}`),
  );
}

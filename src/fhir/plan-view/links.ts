import { isOfType } from '../of-type.ts';
import type { Resource, r4 } from '../types.ts';
import { type Index, localReference, referenceOf } from './index-of.ts';

const pertainsToGoal = 'http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal';
/** Task → request → plan → goal: four steps reach every link there is; more would be a loop. */
const stepsMax = 4;

/**
 * The conditions something is for. Explicit links only: `addresses`, `reasonReference`, resource-pertainsToGoal, a Task's
 * focus, basis and whole, and the hospital plan that a goal or activity belongs to. Nothing is linked by resemblance.
 */
export function conditionsOf(resource: Resource, index: Index, steps = stepsMax): Set<string> {
  const found = new Set<string>();
  if (steps === 0) return found;
  for (const reference of [...directLinks(resource), ...plansHolding(resource, index)]) {
    if (reference.startsWith('Condition/')) {
      found.add(reference);
      continue;
    }
    const next = index.get(reference);
    if (next && next !== resource) for (const condition of conditionsOf(next, index, steps - 1)) found.add(condition);
  }
  return found;
}

function directLinks(resource: Resource): string[] {
  const links: (r4.Reference | undefined)[] = goalsOf(resource);
  if (isOfType(resource, 'Goal')) links.push(...(resource.addresses ?? []));
  if (isOfType(resource, 'CarePlan')) links.push(...(resource.addresses ?? []));
  if (isOfType(resource, 'ServiceRequest'))
    links.push(...(resource.reasonReference ?? []), ...(resource.basedOn ?? []));
  if (isOfType(resource, 'MedicationRequest')) links.push(...(resource.reasonReference ?? []));
  if (isOfType(resource, 'Appointment')) links.push(...(resource.reasonReference ?? []), ...(resource.basedOn ?? []));
  if (isOfType(resource, 'Task')) {
    const { reasonReference, focus, basedOn = [], partOf = [] } = resource;
    links.push(reasonReference, focus, ...basedOn, ...partOf);
  }
  return links.map(localReference).filter((reference) => reference !== undefined);
}

function goalsOf(resource: Resource): (r4.Reference | undefined)[] {
  const extensions: r4.Extension[] = Array.isArray(resource.extension) ? resource.extension : [];
  return extensions.filter(({ url }) => url === pertainsToGoal).map(({ valueReference }) => valueReference);
}

/** A goal or activity that names no problem itself is for the problems of the component or hospital plan that lists it. */
function plansHolding(resource: Resource, index: Index): string[] {
  if (resource.resourceType === 'CarePlan' || directLinks(resource).some((link) => link.startsWith('Condition/')))
    return [];
  const own = referenceOf(resource);
  return index.plansListing(own).map(referenceOf);
}

import { isOfType } from '../../fhir/of-type.ts';
import { localReference } from '../../fhir/plan-view/index-of.ts';
import { canonicalBase } from '../../fhir/shared-plan.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { type Chart, type Item, otherPlans } from './chart.ts';
import type { Finding } from './finding.ts';

export const pertainsToGoalUrl = 'http://hl7.org/fhir/StructureDefinition/resource-pertainsToGoal';
const taskSystem = `${canonicalBase}/CodeSystem/care-task`;

/**
 * Activities that serve no goal: they name none, none of the plans that list them has one, what they are based on names none, and no open goal is
 * for the problem that they are for. Tasks by which this house reminds people serve none by nature, and neither does an order
 * never to do something.
 */
export function findOrphans(chart: Chart): Finding[] {
  const plansWithGoals = otherPlans(chart).filter(({ goal }) => (goal?.length ?? 0) > 0);
  const served = new Set(
    plansWithGoals.flatMap(({ activity }) => (activity ?? []).map(({ reference }) => localReference(reference))),
  );
  const addressed = new Set(
    chart.items
      .map(({ resource }) => resource)
      .flatMap((resource) => (isOfType(resource, 'Goal') ? (resource.addresses ?? []) : []))
      .map(localReference),
  );
  return chart.items
    .filter((item) => item.about === 'activity' && !chart.settled.has(item.reference) && !isHousekeeping(item))
    .filter(({ resource }) => !servesGoal(resource, { chart, served, addressed }, 3))
    .map((item) => ({
      kind: 'orphan',
      about: 'activity',
      why: 'It serves no goal that anybody has named.',
      members: [item],
    }));
}

interface Known {
  chart: Chart;
  served: ReadonlySet<string | undefined>;
  addressed: ReadonlySet<string | undefined>;
}

function servesGoal(resource: Resource, known: Known, steps: number): boolean {
  if (steps === 0) return false;
  if (goalsOf(resource).length > 0) return true;
  if (known.served.has(`${resource.resourceType}/${resource.id}`)) return true;
  const reasons = isOfType(resource, 'Task') ? [resource.reasonReference] : referencesIn(resource.reasonReference);
  if (reasons.some((reason) => known.addressed.has(localReference(reason)))) return true;
  const bases = [...referencesIn(resource.basedOn), ...referencesIn(resource.partOf)];
  if (isOfType(resource, 'Task')) bases.push(resource.focus ?? {});
  return bases
    .map((basis) => known.chart.byReference.get(localReference(basis) ?? ''))
    .some((basis) => basis !== undefined && (hasGoals(basis) || servesGoal(basis, known, steps - 1)));
}

export function goalsOf(resource: Resource): string[] {
  const extensions: r4.Extension[] = Array.isArray(resource.extension) ? resource.extension : [];
  return extensions
    .filter(({ url }) => url === pertainsToGoalUrl)
    .map(({ valueReference }) => valueReference?.reference)
    .filter((reference) => reference !== undefined);
}

const hasGoals = (resource: Resource) => isOfType(resource, 'CarePlan') && (resource.goal?.length ?? 0) > 0;
const referencesIn = (list: unknown): r4.Reference[] => (Array.isArray(list) ? list : []);

function isHousekeeping({ resource }: Item): boolean {
  if (resource.doNotPerform === true) return true;
  return isOfType(resource, 'Task') && resource.code?.coding?.some(({ system }) => system === taskSystem) === true;
}

import { localReference } from '../../fhir/plan-view/index-of.ts';
import type { Resource, r4 } from '../../fhir/types.ts';

/** In which list of the plan a line of each type stands. */
const listOf: Readonly<Record<string, 'goal' | 'addresses' | 'activity'>> = {
  Goal: 'goal',
  Condition: 'addresses',
  ServiceRequest: 'activity',
  Task: 'activity',
  Appointment: 'activity',
};

type Plan = Resource & r4.CarePlan;

/** The lines of a plan, as `Type/id`. */
export function linesIn({ goal = [], addresses = [], activity = [] }: r4.CarePlan): string[] {
  const references = [...goal, ...addresses, ...activity.map(({ reference }) => reference)];
  return references.flatMap((one) => localReference(one) ?? []);
}

/** The plan with a line more; the same when it has it. */
export function withLine(plan: Plan, type: string, reference: string): Plan {
  if (linesIn(plan).includes(reference)) return plan;
  const list = listOf[type];
  if (list === 'activity') return { ...plan, activity: [...(plan.activity ?? []), { reference: { reference } }] };
  return list === undefined ? plan : { ...plan, [list]: [...(plan[list] ?? []), { reference }] };
}

/** The plan without a line. */
export function withoutLine(plan: Plan, reference: string): Plan {
  const left: Plan = { ...plan };
  const isOther = (one: r4.Reference | undefined) => localReference(one) !== reference;
  for (const list of ['goal', 'addresses'] as const) {
    const kept = plan[list]?.filter(isOther);
    if (kept?.length === 0) delete left[list];
    else if (kept) left[list] = kept;
  }
  const activity = plan.activity?.filter((one) => isOther(one.reference));
  if (activity?.length === 0) delete left.activity;
  else if (activity) left.activity = activity;
  return left;
}

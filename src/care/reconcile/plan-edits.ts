import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { referenceKey } from '../plan/references.ts';

/** Changes to the lists of the shared plan, gathered from all decisions of a request. */
export interface PlanEdits {
  out: Set<string>;
  /** Put in the place of what goes out; `urn:uuid:…` for what is made in the same transaction. */
  into: { reference: string; type: string }[];
}

/** The plan after the edits; undefined when nothing of it changes. */
export function editedPlan(plan: Resource, { out, into }: PlanEdits): Resource | undefined {
  if (!isOfType(plan, 'CarePlan')) return undefined;
  const stays = (reference: r4.Reference | undefined) => !out.has((reference && referenceKey(reference)) ?? '');
  const added = (...types: string[]) =>
    into.filter(({ type }) => types.includes(type)).map(({ reference }) => ({ reference }));
  const addresses = [...(plan.addresses ?? []).filter(stays), ...added('Condition')];
  const goal = [...(plan.goal ?? []).filter(stays), ...added('Goal')];
  const activity = [
    ...(plan.activity ?? []).filter(({ reference }) => stays(reference)),
    ...added('ServiceRequest', 'Task').map((reference) => ({ reference })),
  ];
  const { addresses: _a, goal: _g, activity: _t, ...rest } = plan;
  const counts = (one: readonly unknown[] | undefined) => one?.length ?? 0;
  const isSame =
    into.every(({ type }) => !['Condition', 'Goal', 'ServiceRequest', 'Task'].includes(type)) &&
    counts(plan.addresses) === addresses.length &&
    counts(plan.goal) === goal.length &&
    counts(plan.activity) === activity.length;
  if (isSame) return undefined;
  return {
    ...rest,
    ...(addresses.length > 0 && { addresses }),
    ...(goal.length > 0 && { goal }),
    ...(activity.length > 0 && { activity }),
  };
}

/** Which list of a plan a record stands in. */
export function listOf(type: string): 'addresses' | 'goal' | 'activity' {
  if (type === 'Condition') return 'addresses';
  return type === 'Goal' ? 'goal' : 'activity';
}

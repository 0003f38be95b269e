import { fail, ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';

type Scenario = Resource & r4.RequestGroup;

/**
 * A proposed scenario as it is when it is taken up: in force, with the steps that the clinicians have added beside the family's words, which stay. One that
 * is in force already is left as it is. What it still lacks is refused by the scenario's own rule. Pure.
 */
export function takenUp(draft: Resource | undefined, completed: Resource | undefined): Result<Scenario | undefined> {
  if (!isOfType(draft, 'RequestGroup'))
    return fail('conflict', 'The scenario that was proposed is not there any more.');
  if (draft.status === 'active') return ok(undefined);
  if (draft.status !== 'draft') return fail('conflict', `The scenario is ${draft.status} already.`);
  if (completed !== undefined && !isOfType(completed, 'RequestGroup'))
    return fail('invalid', 'completed is the scenario with its steps, a RequestGroup.', { code: 'value' });
  const { contained, action, code, reasonCode } = completed ?? draft;
  return ok({
    ...draft,
    ...(contained && { contained }),
    ...(action && { action }),
    ...(code && { code }),
    ...(reasonCode && { reasonCode }),
    status: 'active',
    intent: 'plan',
  });
}

/** An emergency plan with the scenario among its activities. */
export function withScenario(plan: Resource & r4.CarePlan, reference: string): Resource {
  const activity = plan.activity ?? [];
  if (activity.some((one) => one.reference?.reference === reference)) return plan;
  return { ...plan, activity: [...activity, { reference: { reference } }] };
}

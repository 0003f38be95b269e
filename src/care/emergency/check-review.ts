import type { Clock } from '../../base/clock.ts';
import { ok, type Result } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import type { WriteConclusion } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { localId } from '../local-id.ts';
import { currentOf } from '../stored.ts';
import { concludeWritten } from '../written-here.ts';
import { isActivePlan } from './check-plan.ts';
import { lacksOf } from './conclude-scenarios.ts';
import { missingText } from './missing-scenarios.ts';
import { isEmergencyPlan, isTaskOf, reviewTaskCode } from './terms.ts';

const rule = 'emergency-plan-review';

/**
 * A check of an emergency plan that is held says which plan, was held by now, and leaves a plan that says what to do when a device of the child
 * fails: nobody signs a plan that does not (S1.29).
 */
export function concludeReview(clock: Clock, zone: string): WriteConclusion {
  return concludeWritten(rule, 'Task', async (after, before, tx) => {
    if (!isOfType(after, 'Task') || !isHeld(after) || (isOfType(before, 'Task') && isHeld(before)))
      return ok(undefined);
    const planId = localId(after.focus, 'CarePlan');
    const plan = planId === undefined ? undefined : currentOf(await tx.read('CarePlan', planId));
    if (
      !isOfType(plan, 'CarePlan') ||
      !isEmergencyPlan(plan) ||
      localId(plan.subject, 'Patient') !== localId(after.for, 'Patient')
    )
      return refuse(
        rule,
        'A check of an emergency plan has that plan as its focus, and is for the same child.',
        'Task.focus',
      );
    const held = heldAt(after, clock.now(), zone);
    if (!held.ok) return held;
    if (!isActivePlan(plan)) return ok(undefined);
    const lacks = await lacksOf(plan, tx);
    return lacks.length === 0 ? ok(undefined) : refuse(rule, missingText(lacks), 'Task.status');
  });
}

/** True for a check of an emergency plan that was held. */
export function isHeld(task: Pick<r4.Task, 'code' | 'status'>): boolean {
  return isTaskOf(task, reviewTaskCode) && task.status === 'completed';
}

/**
 * When a check was held: executionPeriod.end, else now. A day before today counts from its beginning, because what else happened on that day
 * may have come after the check. Error `unprocessable`: in the future, or no date.
 */
export function heldAt({ executionPeriod }: Pick<r4.Task, 'executionPeriod'>, now: Date, zone: string): Result<Date> {
  const end = executionPeriod?.end;
  if (end === undefined) return ok(now);
  const today = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(now);
  if (end.slice(0, 10) === today && end.length === 10) return ok(now);
  const at = new Date(end.length === 10 ? `${end}T00:00:00Z` : end);
  if (!Number.isNaN(at.getTime()) && at <= now) return ok(at);
  return refuse(
    rule,
    'A check of the emergency plan was held by now: say when in executionPeriod.end.',
    'Task.executionPeriod.end',
  );
}

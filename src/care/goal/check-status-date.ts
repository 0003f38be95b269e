import { ok } from '../../base/errors.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { isOfType } from '../../fhir/of-type.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';

const rule = 'goal-status-date';

/**
 * statusDate tells when the achievement status was set (decision D7): a new status comes with its date, and dates do not run
 * backwards. The same date passes, because two reviews may fall on one day.
 */
export const checkGoalStatusDate = checkWritten(rule, 'Goal', (after, before) => {
  if (!isOfType(after, 'Goal') || !isOfType(before, 'Goal')) return ok(undefined);
  const changed = stringifyJson(after.achievementStatus ?? null) !== stringifyJson(before.achievementStatus ?? null);
  if (!changed) return ok(undefined);
  if (after.statusDate === undefined || (before.statusDate !== undefined && after.statusDate < before.statusDate)) {
    return refuse(rule, 'A new achievementStatus comes with the statusDate on which it was set.', 'Goal.statusDate');
  }
  return ok(undefined);
});

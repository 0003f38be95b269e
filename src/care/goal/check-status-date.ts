import type { Clock } from '../../base/clock.ts';
import { ok } from '../../base/errors.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { WriteCheck } from '../../store/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';

const rule = 'goal-status-date';
const dayMs = 24 * 3_600_000;

/**
 * statusDate tells when the achievement status was set (decision D7): a new status comes with its date, which lies neither before that of the last one
 * nor in days to come. The date of the last one passes only on its day, because two reviews may fall on one day: later it would tell of the old status.
 * A day to each side is left to the time zones.
 */
export function checkGoalStatusDate(clock: Clock): WriteCheck {
  return checkWritten(rule, 'Goal', (after, before) => {
    if (!isOfType(after, 'Goal') || !isOfType(before, 'Goal')) return ok(undefined);
    const changed = stringifyJson(after.achievementStatus ?? null) !== stringifyJson(before.achievementStatus ?? null);
    if (!changed) return ok(undefined);
    const { statusDate: date } = after;
    const now = clock.now().getTime();
    const [yesterday = '', tomorrow = ''] = [now - dayMs, now + dayMs].map((at) =>
      new Date(at).toISOString().slice(0, 10),
    );
    if (date === undefined || (before.statusDate !== undefined && date < before.statusDate)) {
      return refuse(rule, 'A new achievementStatus comes with the statusDate on which it was set.', 'Goal.statusDate');
    }
    if (date === before.statusDate && date < yesterday) {
      const text =
        'This statusDate is that of the achievementStatus before. Send the day on which the new one was set.';
      return refuse(rule, text, 'Goal.statusDate');
    }
    if (date > tomorrow) return refuse(rule, 'A statusDate does not lie in the future.', 'Goal.statusDate');
    return ok(undefined);
  });
}

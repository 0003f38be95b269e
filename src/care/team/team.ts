import type { Clock } from '../../base/clock.ts';
import type { CarePart } from '../parts.ts';
import { checkTeamMembers } from './check-members.ts';
import { concludePrimaryCare, primaryCareGauges } from './check-primary-care.ts';
import { concludeKnownPeople } from './conclude-known.ts';
import { followTasks } from './follow-tasks.ts';
import { rememberRemovedMembers } from './remember-removals.ts';
import { timelineOperation } from './timeline.ts';

/** Who looks after the child (decision D8). */
export function teamPart(clock: Clock): CarePart {
  return {
    checks: [checkTeamMembers],
    // What people took out in this transaction is known before Tasks put anybody in.
    conclusions: [...concludeKnownPeople, rememberRemovedMembers, concludePrimaryCare(clock), followTasks(clock)],
    operations: [timelineOperation],
    gauges: primaryCareGauges,
  };
}

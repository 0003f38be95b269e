import { ok } from '../../base/errors.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';

const rule = 'goal-lifecycle';
type Status = r4.Goal['lifecycleStatus'];

/** From each state where a goal may go; anything may turn out to be an error, and nothing comes back from that. */
const moves: Readonly<Record<Status, readonly Status[]>> = {
  proposed: ['planned', 'accepted', 'active', 'on-hold', 'cancelled', 'rejected'],
  planned: ['proposed', 'accepted', 'active', 'on-hold', 'cancelled', 'rejected'],
  accepted: ['planned', 'active', 'on-hold', 'completed', 'cancelled', 'rejected'],
  active: ['on-hold', 'completed', 'cancelled', 'rejected'],
  'on-hold': ['planned', 'accepted', 'active', 'completed', 'cancelled', 'rejected'],
  // Taken up again: what was reached may be lost again, what was refused may be asked again.
  completed: ['active'],
  cancelled: ['proposed', 'active'],
  rejected: ['proposed'],
  'entered-in-error': [],
};

/** A goal goes its way from asked for to over, and does not jump back as if nothing had been (FHIR R4, goal-status). */
export const checkGoalLifecycle = checkWritten(rule, 'Goal', (after, before) => {
  if (!isOfType(after, 'Goal') || !isOfType(before, 'Goal')) return ok(undefined);
  const [from, to] = [before.lifecycleStatus, after.lifecycleStatus];
  if (from === to || (to === 'entered-in-error' && from !== to)) return ok(undefined);
  const possible = moves[from] ?? [];
  if (possible.includes(to)) return ok(undefined);
  const instead =
    possible.length === 0 ? 'Write a new goal instead.' : `From ${from} it can become ${possible.join(', ')}.`;
  return refuse(rule, `A goal that is ${from} does not become ${to}. ${instead}`, 'Goal.lifecycleStatus');
});

import { ok, type Result } from '../../base/errors.ts';
import { stringifyJson } from '../../fhir/json.ts';
import { isOfType } from '../../fhir/of-type.ts';
import type { r4 } from '../../fhir/types.ts';
import { refuse } from '../business-rule.ts';
import { checkWritten } from '../written-here.ts';
import { appointmentPeriod, heldAppointments } from './appointment.ts';
import { type CanonicalState, stateOf } from './canonical-state.ts';
import { partiesIn } from './check-move.ts';
import { fulfillsReferral } from './states.ts';

const rule = 'referral-appointment';

/** In these a time is said: of what is to be, what goes on, or what was (decision D9). */
const timed: ReadonlySet<CanonicalState> = new Set(['scheduled', 'active', 'visit-done', 'completed']);
const over: ReadonlySet<CanonicalState> = new Set(['visit-done', 'completed']);

/**
 * The time of a referral's appointment is said by who gives it, together with the status that means it: a date beside `accepted` would be one
 * that nobody counts on. It has a beginning, ends after it, and an Appointment that comes with the Task is the child's.
 */
export const checkAppointment = checkWritten(rule, 'Task', async (after, before, tx) => {
  if (!isOfType(after, 'Task') || !fulfillsReferral(after)) return ok(undefined);
  const held = checkHeld(after);
  if (!held.ok || !isOfType(before, 'Task') || !fulfillsReferral(before)) return held;
  if (before.status === 'draft' || !isOtherTime(before, after)) return ok(undefined);
  const parties = await partiesIn({ actor: tx.actor, own: tx.own, reader: tx }, before);
  if (!parties.includes('performer') && !parties.includes('administrator'))
    return refuse(rule, 'When the appointment is says who gives it, in the name of the owner of the Task.', element);
  const state = stateOf(after);
  if (state === undefined || !timed.has(state)) {
    const text = `The time of an appointment comes with the status scheduled (in-progress, 5.1.1). This referral is ${state ?? after.status}: send both together.`;
    return refuse(rule, text, element);
  }
  return checkPeriod(appointmentPeriod(after), state);
});

const element = 'Task.executionPeriod';

function isOtherTime(before: r4.Task, after: r4.Task): boolean {
  return stringifyJson(appointmentPeriod(before) ?? null) !== stringifyJson(appointmentPeriod(after) ?? null);
}

function checkPeriod(period: r4.Period | undefined, state: CanonicalState): Result<void> {
  // Taken back: the appointment stands, and its day is unknown again.
  if (period === undefined) return ok(undefined);
  const { start, end } = period;
  if (start === undefined && !over.has(state)) return refuse(rule, 'An appointment has a beginning (start).', element);
  if (start !== undefined && end !== undefined && isAfter(start, end))
    return refuse(rule, 'An appointment ends after it has begun.', element);
  return ok(undefined);
}

/** Of a day alone, its beginning against the end of the other. */
function isAfter(start: string, end: string): boolean {
  const last = end.length <= 10 ? `${end.padEnd(10, '-12')}T23:59:59Z` : end;
  const [from, to] = [Date.parse(start), Date.parse(last)];
  return !Number.isNaN(from) && !Number.isNaN(to) && from > to;
}

function checkHeld(task: r4.Task): Result<void> {
  const child = task.for?.reference;
  for (const { participant, start, status } of heldAppointments(task)) {
    const children = participant.flatMap(({ actor }) =>
      actor?.reference?.startsWith('Patient/') ? actor.reference : [],
    );
    if (children.length === 0 || children.some((one) => one !== child))
      return refuse(
        rule,
        'An Appointment in the output is of the child of the referral, and of nobody else.',
        'Task.contained',
      );
    if (start === undefined && status !== 'cancelled' && status !== 'noshow')
      return refuse(rule, 'An Appointment in the output says when it is (start).', 'Task.contained');
  }
  return ok(undefined);
}

import type { r4 } from '../../fhir/types.ts';
import { appointmentPeriod } from './appointment.ts';
import type { CanonicalState } from './canonical-state.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How long a referral may stand in a state before somebody has to ask (decision D9). Business days are Monday to Friday in UTC; holidays count. */
type Span = { businessDays: number; urgentHours?: number } | { days: number } | 'appointment';

const spans: Partial<Record<CanonicalState, Span>> = {
  draft: { days: 7 },
  sent: { businessDays: 2, urgentHours: 4 },
  seen: { businessDays: 2, urgentHours: 4 },
  'more-information': { businessDays: 5 },
  accepted: { businessDays: 10 },
  active: { businessDays: 10 },
  scheduled: 'appointment',
  'no-show': { businessDays: 3 },
  'appointment-cancelled': { businessDays: 5 },
  'visit-done': { days: 14 },
  waitlisted: { days: 30 },
  'cancel-requested': { businessDays: 5 },
  completed: { businessDays: 10 },
  declined: { businessDays: 1 },
  failed: { businessDays: 1 },
};

/** Without a date an appointment that was said to be made is asked for after so long. */
const unknownAppointmentDays = 60;

/** When a referral that came into this state then is overdue; undefined when no clock runs any more. */
export function dueOf(
  state: CanonicalState,
  enteredAt: Date,
  task: Pick<r4.Task, 'priority' | 'executionPeriod' | 'contained' | 'output'>,
): Date | undefined {
  const span = spans[state];
  if (span === undefined) return undefined;
  if (span === 'appointment') return afterAppointment(enteredAt, task);
  if ('days' in span) return new Date(enteredAt.getTime() + span.days * dayMs);
  const isUrgent = task.priority !== undefined && task.priority !== 'routine';
  if (isUrgent && span.urgentHours !== undefined) return new Date(enteredAt.getTime() + span.urgentHours * hourMs);
  return addBusinessDays(enteredAt, span.businessDays);
}

/** The day after the appointment: then somebody can tell whether the child was there. */
function afterAppointment(enteredAt: Date, task: Parameters<typeof appointmentPeriod>[0]): Date {
  const period = appointmentPeriod(task);
  const start = Date.parse(period?.end ?? period?.start ?? '');
  const from = Number.isNaN(start) ? enteredAt.getTime() + (unknownAppointmentDays - 1) * dayMs : start;
  return new Date(from + dayMs);
}

/**
 * The same time of day, so many days on that are neither Saturday nor Sunday (UTC). What begins on a weekend begins on Monday morning: nobody is
 * to be sooner late for having been asked later.
 */
export function addBusinessDays(from: Date, days: number): Date {
  const to = new Date(from);
  while (isWeekend(to)) to.setUTCHours(24, 0, 0, 0);
  for (let left = days; left > 0; ) {
    to.setUTCDate(to.getUTCDate() + 1);
    if (!isWeekend(to)) left -= 1;
  }
  return to;
}

function isWeekend(day: Date): boolean {
  return day.getUTCDay() === 0 || day.getUTCDay() === 6;
}

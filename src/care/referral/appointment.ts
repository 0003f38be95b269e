import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';

type Held = Resource & r4.Appointment;

/** Appointments that came with the Task, as a partner's system sends them that keeps its calendar itself: contained, and named by an output. */
export function heldAppointments({ contained = [], output = [] }: Pick<r4.Task, 'contained' | 'output'>): Held[] {
  const named = new Set(output.map(({ valueReference }) => valueReference?.reference));
  return contained.flatMap((one): Held[] => {
    const held: Resource = { ...one };
    return isOfType(held, 'Appointment') && named.has(`#${held.id}`) ? [held] : [];
  });
}

const given: ReadonlySet<string> = new Set(['booked', 'arrived', 'checked-in', 'fulfilled', 'pending', 'proposed']);

/**
 * When the appointment of a referral is, or was: `Task.executionPeriod` (BSeR), else the last Appointment in its output that was not called off. A
 * date, an instant, or a period of either; undefined when nobody has said it.
 */
export function appointmentPeriod(
  task: Pick<r4.Task, 'executionPeriod' | 'contained' | 'output'>,
): r4.Period | undefined {
  if (task.executionPeriod?.start !== undefined || task.executionPeriod?.end !== undefined) return task.executionPeriod;
  const last = heldAppointments(task)
    .filter(({ status, start }) => given.has(status) && start !== undefined)
    .at(-1);
  return last && { start: last.start, ...(last.end !== undefined && { end: last.end }) };
}

import { endOf } from '../consent-end/last-moment.ts';
import type { Hours } from '../emergency/first-call/hours.ts';
import { instantOf, wallClock } from '../wall-clock.ts';

/** A stretch of time in which the practice is open: [from, to). */
export interface Opening {
  from: Date;
  to: Date;
}

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const dayMs = 24 * 3_600_000;

/** When a practice is open on a day of its own calendar, without the times at which it is not available (holidays), in order. What goes on after midnight is left out. Pure. */
export function openingsOn(date: string, { available = [], notAvailable = [], zone }: Hours): Opening[] {
  const weekday = days[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? '';
  const midnight = instantOf(dayAfter(date), '00:00:00', zone);
  const open = available.flatMap(({ daysOfWeek, allDay, availableStartTime, availableEndTime }): Opening[] => {
    if (daysOfWeek !== undefined && !daysOfWeek.includes(weekday)) return [];
    const start = allDay ? '00:00:00' : (availableStartTime ?? '00:00:00');
    const end = allDay ? undefined : availableEndTime;
    // An end that is not after the start is of the next day.
    const to = end !== undefined && end > start ? instantOf(date, end, zone) : midnight;
    return [{ from: instantOf(date, start, zone), to }];
  });
  const closed = notAvailable.flatMap(({ during }) => (during === undefined ? [] : [stretchOf(during, zone)]));
  return closed
    .reduce((left, one) => left.flatMap((opening) => without(opening, one)), open)
    .sort((a, b) => a.from.getTime() - b.from.getTime());
}

function without({ from, to }: Opening, closed: Opening): Opening[] {
  const rest = [
    { from, to: closed.from < to ? closed.from : to },
    { from: closed.to > from ? closed.to : from, to },
  ];
  return closed.to <= from || closed.from >= to ? [{ from, to }] : rest.filter((one) => one.from < one.to);
}

/** Days are those of the practice, the last one included; instants are instants. Open ends are never. */
function stretchOf(during: { start?: string; end?: string }, zone: string): Opening {
  const { start } = during;
  const isDay = start !== undefined && !start.includes('T');
  const from = isDay ? instantOf(`${start}-01-01`.slice(0, 10), '00:00:00', zone) : new Date(start ?? 0);
  return { from, to: endOf(during, zone) ?? new Date(8.64e15) };
}

export function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + dayMs).toISOString().slice(0, 10);
}

/** The day at the practice. */
export function dayAt(now: Date, zone: string): string {
  return wallClock(now, zone).date;
}

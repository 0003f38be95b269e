import type { Hours } from '../emergency/first-call/hours.ts';
import { instantOf, wallClock } from '../wall-clock.ts';
import { dayAfter, openingsOn } from './openings.ts';

/** By when a request is answered. */
export interface Promised {
  /** Asked before noon on a day on which the practice is open: answered on that day. */
  isToday: boolean;
  due: Date;
  /** The day of `due` at the practice, as YYYY-MM-DD. */
  day: string;
}

const closing = '17:00:00';
const noon = '12:00:00';
/** Asked later than this before it closes, nobody can promise an answer before it does. */
const lastAskedMs = 60 * 60_000;
/** Days that are looked ahead for one on which the practice is open. */
const daysAhead = 60;

/** Where nobody wrote down when the practice is open. */
const workingDays = ['mon', 'tue', 'wed', 'thu', 'fri'];
const fixed: Hours['available'] = [
  { daysOfWeek: workingDays, availableStartTime: '08:00:00', availableEndTime: closing },
];

/**
 * Asked before noon on a day on which the practice is open, and not in its last hour, a request is answered by the time it closes, and by five o'clock at the
 * latest where it is open round the clock; else by noon of its next open day, or when it closes before, or is open only after, by the time it closes. Hours and holidays are the practice's own (`hours.available`,
 * `notAvailable`); where it has no hours, Monday to Friday until five. Pure.
 */
export function promiseOf(now: Date, own: Hours): Promised {
  const known = own.available !== undefined && own.available.length > 0;
  const hours: Hours = known ? own : { ...own, available: fixed };
  const { date, time } = wallClock(now, hours.zone);
  const today = closingOn(date, hours);
  if (today && time < noon && now.getTime() + lastAskedMs <= today.getTime())
    return { isToday: true, due: today, day: date };
  let day = dayAfter(date);
  for (let ahead = 0; ahead < daysAhead; ahead += 1) {
    const openings = openingsOn(day, hours);
    const closes = closingOn(day, hours);
    if (closes) {
      const middle = instantOf(day, noon, hours.zone);
      const isOpenBefore = openings.some(({ from }) => from < middle);
      return { isToday: false, due: isOpenBefore && middle < closes ? middle : closes, day };
    }
    day = dayAfter(day);
  }
  // Closed for as far as anybody has written down: whoever asks is not left without a day.
  return promiseOf(now, { zone: hours.zone });
}

/** When it closes on a day; undefined: it is closed all day. Open until midnight and beyond, it is five o'clock: nobody waits for an answer in the night. */
function closingOn(day: string, hours: Hours): Date | undefined {
  const last = openingsOn(day, hours).map(({ to }) => to.getTime());
  if (last.length === 0) return undefined;
  const to = new Date(Math.max(...last));
  const isOvernight = to >= instantOf(dayAfter(day), '00:00:00', hours.zone);
  const five = instantOf(day, closing, hours.zone);
  return isOvernight && openingsOn(day, hours).some(({ from }) => from < five) ? five : to;
}

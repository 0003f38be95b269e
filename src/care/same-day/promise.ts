import { wallClock } from '../emergency/first-call/hours.ts';

/** By when a request is answered. */
export interface Promised {
  /** Asked before noon on a working day: answered on that day. */
  isToday: boolean;
  due: Date;
  /** The day of `due` at the practice, as YYYY-MM-DD. */
  day: string;
}

const closing = '17:00:00';
const noon = '12:00:00';

/**
 * Asked before noon from Monday to Friday, a request is answered by five o'clock of that day; else by noon of the next working day. By the clock on the
 * wall of the practice (`zone`); holidays are not known. Pure.
 */
export function promiseOf(now: Date, zone: string): Promised {
  const { date, time, day } = wallClock(now, zone);
  const isWorkingDay = day >= 1 && day <= 5;
  if (isWorkingDay && time < noon) return { isToday: true, due: instantOf(date, closing, zone), day: date };
  let next = dayAfter(date);
  while (isWeekend(next)) next = dayAfter(next);
  return { isToday: false, due: instantOf(next, noon, zone), day: next };
}

/** The day at the practice. */
export function dayAt(now: Date, zone: string): string {
  return wallClock(now, zone).date;
}

/** When the wall clock of the zone shows this; in an hour that is skipped, the moment after it. */
export function instantOf(date: string, time: string, zone: string): Date {
  const wanted = Date.parse(`${date}T${time}Z`);
  let at = wanted;
  // Twice: the first guess may lie on the other side of a change of clocks.
  for (let round = 0; round < 2; round += 1) {
    const shown = wallClock(new Date(at), zone);
    at += wanted - Date.parse(`${shown.date}T${shown.time}Z`);
  }
  return new Date(at);
}

function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 24 * 3_600_000).toISOString().slice(0, 10);
}

function isWeekend(date: string): boolean {
  return [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());
}

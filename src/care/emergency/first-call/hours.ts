import { wallClock } from '../../wall-clock.ts';

/** When somebody can be reached, in the words of FHIR R4 (HealthcareService and PractitionerRole: availableTime, notAvailable). */
export interface Hours {
  /** Absent: nobody wrote down any. */
  available?: readonly {
    daysOfWeek?: readonly string[];
    allDay?: boolean;
    /** `HH:MM:SS` */
    availableStartTime?: string;
    /** An end that is not after the start is of the next day. */
    availableEndTime?: string;
  }[];
  notAvailable?: readonly { description: string; during?: { start?: string; end?: string } }[];
  /** IANA name of the zone in whose days and hours they are. */
  zone: string;
}

export type Openness = { state: 'open' } | { state: 'closed'; why?: string } | { state: 'unknown' };

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Whether it is open at an instant. By the clock on the wall there: hours that are skipped or come twice when clocks change follow from that. */
export function opennessAt(hours: Hours, at: Date): Openness {
  const wall = wallClock(at, hours.zone);
  const closed = hours.notAvailable?.find(({ during }) => during !== undefined && isWithin(during, at, wall.date));
  if (closed) return { state: 'closed', why: closed.description };
  if (hours.available === undefined || hours.available.length === 0) return { state: 'unknown' };
  const isOpen = hours.available.some((one) => {
    const of = (day: string) => one.daysOfWeek === undefined || one.daysOfWeek.includes(day);
    const today = of(days[wall.day] ?? '');
    if (one.allDay) return today;
    const start = one.availableStartTime ?? '00:00:00';
    const end = one.availableEndTime ?? '24:00:00';
    if (end > start) return today && wall.time >= start && wall.time < end;
    const yesterday = of(days[(wall.day + 6) % 7] ?? '');
    return (today && wall.time >= start) || (yesterday && wall.time < end);
  });
  return { state: isOpen ? 'open' : 'closed' };
}

/** Days are those of the place, the last one included; instants are instants. */
function isWithin({ start, end }: { start?: string; end?: string }, at: Date, today: string): boolean {
  const hasBegun =
    start === undefined ||
    (start.includes('T') ? Date.parse(start) <= at.getTime() : start <= today.slice(0, start.length));
  const isOver =
    end !== undefined && (end.includes('T') ? Date.parse(end) <= at.getTime() : end < today.slice(0, end.length));
  return hasBegun && !isOver;
}

/** `Mon–Fri 08:00–17:00; Sat 09:00–12:00`, in the words given for the days (Sunday first). */
export function hoursText({ available = [] }: Hours, names: readonly string[], always: string): string {
  return available
    .map(({ daysOfWeek, allDay, availableStartTime: start = '00:00', availableEndTime: end = '24:00' }) => {
      const isDaily = daysOfWeek === undefined || daysOfWeek.length === 7;
      const time = allDay ? '24 h' : `${start.slice(0, 5)}–${end.slice(0, 5)}`;
      if (isDaily && allDay) return always;
      return isDaily ? time : `${daysText(daysOfWeek, names)} ${time}`;
    })
    .join('; ');
}

function daysText(given: readonly string[], names: readonly string[]): string {
  // The week begins on Monday here, so that a weekend is one stretch.
  const week = [1, 2, 3, 4, 5, 6, 0];
  const runs: number[][] = [];
  for (const day of week) {
    if (!given.includes(days[day] ?? '')) runs.push([]);
    else if (runs.length === 0) runs.push([day]);
    else runs.at(-1)?.push(day);
  }
  const name = (day: number | undefined) => names[day ?? 0] ?? '';
  return runs
    .filter((run) => run.length > 0)
    .map((run) => (run.length > 2 ? `${name(run[0])}–${name(run.at(-1))}` : run.map(name).join(', ')))
    .join(', ');
}

/** Months as a program counts them, YYYY-MM, in an IANA time zone. */

export function monthOf(instant: Date, zone: string): string {
  return localDay(instant, zone).slice(0, 7);
}

/** The calendar day of an instant in the zone, YYYY-MM-DD. */
export function localDay(instant: Date, zone: string): string {
  if (zone === 'UTC') return instant.toISOString().slice(0, 10);
  // Swedish writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' }).format(instant);
}

export function nextMonth(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 7);
}

/** The first instant of a month in the zone. */
export function startOf(month: string, zone: string): Date {
  const midnight = Date.parse(`${month}-01T00:00:00Z`);
  if (zone === 'UTC') return new Date(midnight);
  // By the zone's offset at about that time, or at the instant it leads to: clocks may be set in between.
  const first = midnight - offsetMs(midnight, zone);
  const second = midnight - offsetMs(first, zone);
  const [early, late] = first < second ? [first, second] : [second, first];
  return new Date(monthOf(new Date(early), zone) === month ? early : late);
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function offsetMs(instant: number, zone: string): number {
  const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return Date.parse(`${wall.format(new Date(instant)).replace(' ', 'T')}Z`) - instant;
}

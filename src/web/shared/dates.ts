/**
 * Dates for people. A FHIR date without a time is a calendar day: it is never moved by a time zone. An instant is shown as the
 * day it was here. `locale`: in whose words, e.g. `es-US`.
 */
export function dayText(date: string | undefined, locale = 'en-US'): string {
  if (!date) return '';
  if (!/^\d{4}(-\d\d){0,2}(T|$)/.test(date)) return '';
  const [year = 0, month, day] = date.slice(0, 10).split('-').map(Number);
  if (date.length > 10) return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(new Date(date));
  if (month === undefined) return String(year);
  if (day === undefined)
    return new Intl.DateTimeFormat(locale, { year: 'numeric', month: 'short', timeZone: 'UTC' }).format(
      Date.UTC(year, month - 1),
    );
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(
    Date.UTC(year, month - 1, day),
  );
}

/** The time of day here, e.g. `9:41 AM`. */
export function timeText(now: Date, locale = 'en-US'): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'short' }).format(now);
}

/** Today as a calendar day in this browser's zone, `YYYY-MM-DD`. */
export function today(now: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

import { fail, ok, type Result } from '../base/errors.ts';
import type { Period } from './types.ts';

const datePattern = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;

/** First and last day that a FHIR date of any precision stands for; undefined when it is not a date of the calendar. */
function daysOf(text: string): Period | undefined {
  const [, year, month, day] = datePattern.exec(text) ?? [];
  if (year === undefined || year === '0000') return undefined;
  const start = `${year}-${month ?? '01'}-${day ?? '01'}`;
  const instant = new Date(`${start}T00:00:00Z`);
  if (Number.isNaN(instant.getTime()) || !instant.toISOString().startsWith(start)) return undefined;
  if (day !== undefined) return { start, end: start };
  // Day 0 of the month after is the last day of this one.
  const last = new Date(Date.UTC(instant.getUTCFullYear(), month === undefined ? 12 : instant.getUTCMonth() + 1, 0));
  return { start, end: last.toISOString().slice(0, 10) };
}

/**
 * The measurement period of `$evaluate-measure`: both ends are dates and included, to the end of what they imply
 * (`2026` ends on 2026-12-31). The days are those of the reporter's time zone. Error `invalid` names the parameter at fault.
 */
export function parsePeriod(periodStart: string | undefined, periodEnd: string | undefined): Result<Period> {
  for (const [name, text] of [
    ['periodStart', periodStart],
    ['periodEnd', periodEnd],
  ]) {
    if (text === undefined) return fail('invalid', `Parameter ${name} is required.`, { code: 'required' });
    if (!daysOf(text))
      return fail('invalid', `Parameter ${name} has to be a date, such as 2026-01-01.`, { code: 'value' });
  }
  const start = daysOf(periodStart ?? '')?.start ?? '';
  const end = daysOf(periodEnd ?? '')?.end ?? '';
  if (start > end) return fail('invalid', 'periodStart has to be before periodEnd.', { code: 'value' });
  return ok({ start, end });
}

/** Results are kept for whole calendar years only, so that callers cannot fill the table with periods of their own. */
export function isCalendarYear({ start, end }: Period): boolean {
  return start.slice(0, 4) === end.slice(0, 4) && start.endsWith('-01-01') && end.endsWith('-12-31');
}

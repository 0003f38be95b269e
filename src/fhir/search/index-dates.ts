import { type DateRange, dateRange, periodRange } from '../date-range.ts';
import { isObject } from './walk-path.ts';

/**
 * The range of one date value. Of a Timing only the outer limits count (FHIR R4, search.html#date): the first event to the
 * last one, widened by its bounds.
 */
export function dateOf(type: string, value: unknown): DateRange | undefined {
  if (typeof value === 'string') return dateRange(value);
  if (!isObject(value)) return undefined;
  if (type === 'Period') return periodRange(value.start, value.end);
  return type === 'Timing' ? timingRange(value) : undefined;
}

function timingRange(timing: Record<string, unknown>): DateRange | undefined {
  const events = Array.isArray(timing.event) ? timing.event : [];
  const ranges = events.map((event) => (typeof event === 'string' ? dateRange(event) : undefined));
  const bounds = isObject(timing.repeat) ? timing.repeat.boundsPeriod : undefined;
  if (isObject(bounds)) ranges.push(periodRange(bounds.start, bounds.end));
  const known = ranges.filter((range) => range !== undefined);
  const start = known.map((range) => range.start).sort()[0];
  const end = known
    .map((range) => range.end)
    .sort()
    .at(-1);
  return start === undefined || end === undefined ? undefined : { start, end };
}

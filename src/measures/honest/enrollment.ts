/** Days as `YYYY-MM-DD`, both ends included. An open end means: still covered. */
export interface Covered {
  start?: string;
  end?: string;
}

/** Said beside every number of member-months. */
export const memberMonthsRule =
  'Member-months: for every calendar month, the days enrolled in it divided by the days of that month; overlapping coverage counts once.';

const oneDayMs = 24 * 3600 * 1000;

/** Days since 1970, so that spans are differences of whole numbers. */
function dayNumber(day: string): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / oneDayMs);
}

/** The stretches of the period that some coverage reaches: in order, without overlap, touching ones joined. Day numbers, both included. */
function stretches(
  covered: readonly Covered[],
  period: { start: string; end: string },
): [first: number, last: number][] {
  const [from, to] = [dayNumber(period.start), dayNumber(period.end)];
  const within = covered
    .map(({ start, end }): [number, number] => [
      Math.max(from, start === undefined ? from : dayNumber(start)),
      Math.min(to, end === undefined ? to : dayNumber(end)),
    ])
    .filter(([first, last]) => first <= last)
    .sort(([a], [b]) => a - b);
  const joined: [number, number][] = [];
  for (const [first, last] of within) {
    const before = joined.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  return joined;
}

/** Member-months of one child within the period, by `memberMonthsRule`: 15 of April's 30 days are 0.5. */
export function memberMonths(covered: readonly Covered[], period: { start: string; end: string }): number {
  let months = 0;
  for (const [first, last] of stretches(covered, period)) {
    let day = first;
    while (day <= last) {
      const date = new Date(day * oneDayMs);
      const firstOfMonth = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / oneDayMs;
      const firstOfNext = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / oneDayMs;
      const end = Math.min(last + 1, firstOfNext);
      months += (end - day) / (firstOfNext - firstOfMonth);
      day = end;
    }
  }
  return months;
}

export interface ContinuousEnrollmentRule {
  /** Gaps that are allowed in the period, and how many days one may have. HEDIS-like measures: one of up to 45. */
  gaps: number;
  gapDays: number;
  /** A day on which the child has to be covered. */
  anchor?: string;
}

/** Said beside numbers that rest on it. */
export function continuousEnrollmentText({ gaps, gapDays, anchor }: ContinuousEnrollmentRule): string {
  const allowed =
    gaps === 0 ? 'without a gap' : `with at most ${gaps} gap${gaps === 1 ? '' : 's'} of up to ${gapDays} days`;
  return `Continuous enrollment: covered through the whole period ${allowed}${anchor === undefined ? '' : `, and on ${anchor}`}.`;
}

/** True when the child was covered through the period by the rule. Days before the first coverage and after the last are a gap too. */
export function isContinuouslyEnrolled(
  covered: readonly Covered[],
  period: { start: string; end: string },
  rule: ContinuousEnrollmentRule,
): boolean {
  const parts = stretches(covered, period);
  const missing: number[] = [];
  let next = dayNumber(period.start);
  for (const [first, last] of parts) {
    if (first > next) missing.push(first - next);
    next = last + 1;
  }
  const end = dayNumber(period.end);
  if (next <= end) missing.push(end - next + 1);
  if (missing.length > rule.gaps || missing.some((days) => days > rule.gapDays)) return false;
  if (rule.anchor === undefined) return true;
  const anchor = dayNumber(rule.anchor);
  return parts.some(([first, last]) => first <= anchor && anchor <= last);
}

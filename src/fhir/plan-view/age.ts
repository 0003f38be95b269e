/**
 * A child's age in the unit clinicians use: days in the first two weeks, weeks to three months, months to two years,
 * then years. Both dates are FHIR dates (YYYY, YYYY-MM or YYYY-MM-DD, anything after is ignored). Undefined when the birth
 * date is missing, malformed or after `onDate`.
 */
export function ageText(birthDate: string | undefined, onDate: string): string | undefined {
  const born = parts(birthDate);
  const today = parts(onDate);
  if (!born || !today) return undefined;
  if (born.length < 3 || today.length < 3) return aboutYears(born, today);
  const days = Math.floor((utc(today) - utc(born)) / 86_400_000);
  if (days < 0) return undefined;
  if (days < 14) return counted(days, 'day');
  const months = monthsBetween(born, today);
  if (months < 3) return counted(Math.floor(days / 7), 'week');
  if (months < 24) return counted(months, 'month');
  return counted(Math.floor(months / 12), 'year');
}

function parts(date: string | undefined): number[] | undefined {
  const match = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?/.exec(date ?? '');
  return match
    ?.slice(1)
    .filter((part) => part !== undefined)
    .map(Number);
}

function utc([year = 0, month = 1, day = 1]: number[]): number {
  return Date.UTC(year, month - 1, day);
}

function monthsBetween([y1 = 0, m1 = 1, d1 = 1]: number[], [y2 = 0, m2 = 1, d2 = 1]: number[]): number {
  return (y2 - y1) * 12 + (m2 - m1) - (d2 < d1 ? 1 : 0);
}

/** With only a year or a month known, an exact age would be a guess. */
function aboutYears([y1 = 0]: number[], [y2 = 0]: number[]): string | undefined {
  return y2 < y1 ? undefined : `about ${counted(y2 - y1, 'year')}`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

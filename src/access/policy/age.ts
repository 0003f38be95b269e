import type { PolicyDocument } from './document.ts';

/** Which of the policy's ages a person is in. Thresholds begin at midnight in the policy's time zone. */
export type AgeBand = 'child' | 'teen' | 'adult';

/** The date in a time zone, `YYYY-MM-DD`. */
export function localDate(now: Date, timeZone: string): string {
  // sv-SE writes dates as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(now);
}

/** `localDate`, worked out once a minute: midnight is the beginning of one in every time zone, and a formatter takes 100 µs to make. */
export function rememberedDate(): typeof localDate {
  let known = { minute: Number.NaN, timeZone: '', date: '' };
  return (now, timeZone) => {
    const minute = Math.floor(now.getTime() / 60_000);
    if (known.minute !== minute || known.timeZone !== timeZone)
      known = { minute, timeZone, date: localDate(now, timeZone) };
    return known.date;
  };
}

/**
 * The band for what others may see: doubt makes older, because every birthday leaves proxies less. A birth date of a year or a month is
 * its first day, 29 February comes on the 28th in other years, and a birth date that is missing, malformed or to come is a teen's.
 */
export function bandForOthers(birthDate: unknown, policy: PolicyDocument, now: Date): AgeBand {
  const today = localDate(now, policy.timeZone);
  const born = earliest(birthDate);
  if (born === undefined || born > today) return 'teen';
  return bandOf(policy, (years) => today >= birthday(born, years, '02-28'));
}

/** The band for what the person may do alone: doubt makes younger. Without a birth date, a child. */
export function bandForSelf(birthDate: unknown, policy: PolicyDocument, now: Date): AgeBand {
  const today = localDate(now, policy.timeZone);
  const born = latest(birthDate);
  if (born === undefined) return 'child';
  return bandOf(policy, (years) => today >= birthday(born, years, '03-01'));
}

function bandOf({ thresholds }: PolicyDocument, isOf: (years: number) => boolean): AgeBand {
  if (isOf(thresholds.adult)) return 'adult';
  return isOf(thresholds.limited) ? 'teen' : 'child';
}

/** The date on which somebody turns so many years old; `instead` of 29 February where there is none. */
function birthday(born: string, years: number, instead: string): string {
  const year = Number(born.slice(0, 4)) + years;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const day = born.slice(5) === '02-29' && !leap ? instead : born.slice(5);
  return `${String(year).padStart(4, '0')}-${day}`;
}

const shape = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;

function earliest(birthDate: unknown): string | undefined {
  const [, year, month = '01', day = '01'] = shape.exec(String(birthDate ?? '')) ?? [];
  return year === undefined ? undefined : `${year}-${month}-${day}`;
}

function latest(birthDate: unknown): string | undefined {
  const [, year, month = '12', day] = shape.exec(String(birthDate ?? '')) ?? [];
  if (year === undefined) return undefined;
  const last = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return `${year}-${month}-${day ?? String(last).padStart(2, '0')}`;
}

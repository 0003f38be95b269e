/**
 * The range of a date in the forms that nearly every record uses (`2024-03-05`, `2024-03-05T10:00:00Z`, and with milliseconds or a zone by
 * its hours), where the next day, second or millisecond needs no calendar. Undefined says nothing about the text: `dateRange` looks
 * at it as a whole.
 */
export function commonDateRange(text: string): { start: string; end: string } | undefined {
  const { length } = text;
  if ((length !== 10 && length !== 20 && length !== 24 && length !== 25) || !isPlainDay(text)) return undefined;
  const day = twoDigits(text, 8);
  if (length === 10) {
    if (day === daysOf(twoDigits(text, 5))) return undefined;
    return { start: `${text}${midnight}`, end: `${text.slice(0, 8)}${padded(day + 1)}${midnight}` };
  }
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const isTime = text[10] === 'T' && text[13] === ':' && text[16] === ':';
  if (!isTime || !(hour <= 23) || !(minute <= 59) || !(second <= 58)) return undefined;
  if (length === 25) return zonedSecond(text, hour * 60 + minute, second);
  if (text[length - 1] !== 'Z') return undefined;
  if (length === 20) {
    return { start: `${text.slice(0, 19)}.000Z`, end: `${text.slice(0, 17)}${padded(second + 1)}.000Z` };
  }
  const milliseconds = twoDigits(text, 20) * 10 + (twoDigits(text, 21) % 10);
  if (text[19] !== '.' || !(milliseconds <= 998)) return undefined;
  return { start: text, end: `${text.slice(0, 20)}${String(milliseconds + 1).padStart(3, '0')}Z` };
}

const midnight = 'T00:00:00.000Z';

const padded = (value: number) => (value < 10 ? `0${value}` : String(value));

/** A second in a zone, where it is the same day in UTC. */
function zonedSecond(text: string, minutes: number, second: number): { start: string; end: string } | undefined {
  const sign = text[19] === '+' ? -1 : text[19] === '-' ? 1 : Number.NaN;
  const hours = twoDigits(text, 20);
  const rest = twoDigits(text, 23);
  const inUtc = minutes + sign * (hours * 60 + rest);
  if (text[22] !== ':' || !(hours <= 14) || !(rest <= 59) || !(inUtc >= 0 && inUtc < 1440)) return undefined;
  const minute = `${text.slice(0, 11)}${padded(Math.floor(inUtc / 60))}:${padded(inUtc % 60)}:`;
  return { start: `${minute}${padded(second)}.000Z`, end: `${minute}${padded(second + 1)}.000Z` };
}

/** Days of a month in every year. */
function daysOf(month: number): number {
  if (month === 2) return 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** A day that is there in every year, in a year that JavaScript reads as it is written. */
function isPlainDay(text: string): boolean {
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= daysOf(month);
  return isDay && text[4] === '-' && text[7] === '-' && twoDigits(text, 0) >= 1 && twoDigits(text, 2) >= 0;
}

/** NaN, which no comparison lets pass, where there are not two digits. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

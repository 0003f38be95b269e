import { parameterOf, valuesOf } from './values.ts';

/** A slow, obvious check of one resource against one parameter, as US Core's tests make it. */
export function meets(resource: any, code: string, sought: string): boolean {
  const { kind } = parameterOf(resource.resourceType, code);
  const values = valuesOf(resource, code);
  return sought.split(',').some((one) => {
    if (kind === 'token') return values.some((value) => sameToken(value, one));
    if (kind === 'date') return values.some((value) => inTime(value, one));
    if (kind === 'reference') return values.some((value) => sameReference(value, one));
    const wanted = one.toLowerCase();
    return values.some((value) => String(value).toLowerCase().startsWith(wanted));
  });
}

function sameToken({ system, code }: { system?: string; code: string }, sought: string): boolean {
  const bar = sought.indexOf('|');
  if (bar < 0) return code === sought;
  return code === sought.slice(bar + 1) && (system ?? '') === sought.slice(0, bar);
}

/** An id, Type/id, or a whole URL: the last parts have to be the same. */
function sameReference(value: string, sought: string): boolean {
  if (value === sought) return true;
  const tail = (text: string, parts: number) => text.split('/').slice(-parts).join('/');
  return sought.includes('/') ? tail(value, 2) === tail(sought, 2) : tail(value, 1) === sought;
}

/** The stretch of time that a date, dateTime or Period stands for, in milliseconds: [start, end). */
export function stretch(value: string | { start?: string; end?: string }): [number, number] {
  if (typeof value === 'object') {
    const start = value.start === undefined ? Number.NEGATIVE_INFINITY : stretch(value.start)[0];
    const end = value.end === undefined ? Number.POSITIVE_INFINITY : stretch(value.end)[1];
    return [start, end];
  }
  const start = Date.parse(value);
  if (value.length === 10) return [start, start + 24 * 3600 * 1000];
  return [start, start + (value.includes('.') ? 1 : 1000)];
}

function inTime(value: string | { start?: string; end?: string }, sought: string): boolean {
  const [, prefix = 'eq', text = ''] = /^(eq|gt|ge|lt|le)?(.*)$/.exec(sought) ?? [];
  const [start, end] = stretch(value);
  const [from, until] = stretch(text);
  if (prefix === 'gt') return end > until;
  if (prefix === 'ge') return end > until || (start >= from && end <= until);
  if (prefix === 'lt') return start < from;
  if (prefix === 'le') return start < from || (start >= from && end <= until);
  return start >= from && end <= until;
}

import { isJson, type Leaf } from './leaves.ts';

/** A stretch of time in milliseconds since 1970, half open; an instant has no width. */
interface Stretch {
  from: number;
  to: number;
}

const form = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/** What a date of any precision covers. Source: FHIR R4, search.html#date. */
export function stretchOf(text: string): Stretch | undefined {
  const [whole, year, month, day, hour, minute, second, fraction, zone] = form.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const at = (y: number, m: number, d: number) => new Date(0).setUTCFullYear(y, m, d);
  const y = Number(year);
  if (month === undefined) return { from: at(y, 0, 1), to: at(y + 1, 0, 1) };
  const m = Number(month) - 1;
  if (day === undefined) return { from: at(y, m, 1), to: at(y, m + 1, 1) };
  const d = Number(day);
  if (hour === undefined) return { from: at(y, m, d), to: at(y, m, d + 1) };
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone ?? '') ?? [];
  const east = (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
  const part = fraction === undefined ? 0 : Number(fraction.padEnd(3, '0').slice(0, 3));
  const from = at(y, m, d) + ((Number(hour) * 60 + Number(minute) - east) * 60 + Number(second ?? 0)) * 1000 + part;
  const width = second === undefined ? 60_000 : fraction === undefined ? 1000 : 10 ** Math.max(0, 3 - fraction.length);
  return { from, to: from + width };
}

/** Implicitly, a missing boundary is below or above any actual date. */
function periodOf(start: unknown, end: unknown): Stretch | undefined {
  const first = typeof start === 'string' ? stretchOf(start) : undefined;
  const last = typeof end === 'string' ? stretchOf(end) : undefined;
  if (!first && !last) return undefined;
  return { from: first?.from ?? -Infinity, to: last?.to ?? Infinity };
}

/** Of a Timing only the outer limits matter. */
function timingOf(timing: Record<string, unknown>): Stretch | undefined {
  const events = Array.isArray(timing.event) ? timing.event : [];
  const bounds = isJson(timing.repeat) && isJson(timing.repeat.boundsPeriod) ? timing.repeat.boundsPeriod : {};
  const stretches = [
    ...events.map((event) => (typeof event === 'string' ? stretchOf(event) : undefined)),
    periodOf(bounds.start, bounds.end),
  ].filter((stretch) => stretch !== undefined);
  if (stretches.length === 0) return undefined;
  return {
    from: Math.min(...stretches.map(({ from }) => from)),
    to: Math.max(...stretches.map(({ to }) => to)),
  };
}

export function dateStretch({ type, value }: Leaf): Stretch | undefined {
  if (typeof value === 'string') return stretchOf(value);
  if (!isJson(value)) return undefined;
  return type === 'Period' ? periodOf(value.start, value.end) : type === 'Timing' ? timingOf(value) : undefined;
}

/** Undefined: no date at all, which the server has to refuse. */
export function dateTest(asked: string): ((leaf: Leaf) => boolean) | undefined {
  const [, prefix = 'eq', text = ''] = /^([a-z]{2})?(.*)$/s.exec(asked) ?? [];
  const wanted = stretchOf(text);
  const test = prefixes[prefix];
  if (!wanted || !test) return undefined;
  return (leaf) => {
    const found = dateStretch(leaf);
    return found !== undefined && test(wanted, found);
  };
}

const contains = (outer: Stretch, inner: Stretch) => outer.from <= inner.from && inner.to <= outer.to;

/** Source: FHIR R4, search.html#prefix, the column on ranges. */
const prefixes: Record<string, (wanted: Stretch, found: Stretch) => boolean> = {
  eq: contains,
  ne: (wanted, found) => !contains(wanted, found),
  gt: (wanted, found) => found.to > wanted.to,
  lt: (wanted, found) => found.from < wanted.from,
  ge: (wanted, found) => found.to > wanted.to || contains(wanted, found),
  le: (wanted, found) => found.from < wanted.from || contains(wanted, found),
  sa: (wanted, found) => found.from >= wanted.to,
  eb: (wanted, found) => found.to <= wanted.from,
  ap: (wanted, found) => found.from < wanted.to && wanted.from < found.to,
};

import { compare, magnitude, negative, plus, type Rational, readDecimal, times } from './decimal.ts';
import { splitOutside, unescaped } from './escaping.ts';
import { isJson, type Json, type Leaf } from './leaves.ts';
import { inBase, ucum } from './units.ts';

/** A number of a resource: from and to are equal for a plain one; an open side is undefined. */
interface Span {
  from?: Rational;
  to?: Rational;
  /** Whether the end itself is not part: `<5` is everything below 5. */
  isOpen?: boolean;
  unit: Unit;
}
interface Unit {
  system?: string;
  code?: string;
  /** As a person reads it. */
  text?: string;
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const numberOf = (value: unknown) => (typeof value === 'string' ? readDecimal(value)?.value : undefined);

/** What a value says about its size. A comparator leaves one side open. Numbers of resources are read as strings (`readResource`). */
export function spanOf({ type, value }: Leaf): Span | undefined {
  if (typeof value === 'string') {
    const number = type === 'string' ? undefined : numberOf(value);
    return number && { from: number, to: number, unit: {} };
  }
  if (!isJson(value)) return undefined;
  if (type === 'Range') return rangeOf(value);
  const number = numberOf(value.value);
  if (!number) return undefined;
  if (type === 'Money') {
    const code = textOf(value.currency);
    return { from: number, to: number, unit: code ? { system: 'urn:iso:std:iso:4217', code } : {} };
  }
  const { comparator } = value;
  const unit = unitOf(value);
  if (comparator === '<' || comparator === '<=') return { to: number, isOpen: comparator === '<', unit };
  if (comparator === '>' || comparator === '>=') return { from: number, isOpen: comparator === '>', unit };
  return { from: number, to: number, unit };
}

function unitOf(quantity: Json): Unit {
  return { system: textOf(quantity.system), code: textOf(quantity.code), text: textOf(quantity.unit) };
}

function rangeOf({ low, high }: Json): Span | undefined {
  const from = isJson(low) ? numberOf(low.value) : undefined;
  const to = isJson(high) ? numberOf(high.value) : undefined;
  if (!from && !to) return undefined;
  return { from, to, unit: unitOf(isJson(low) && from ? low : isJson(high) ? high : {}) };
}

interface Wanted {
  prefix: string;
  value: Rational;
  /** Half of the last digit's unit. */
  half: Rational;
}

function readWanted(text: string): Wanted | undefined {
  const [, prefix = 'eq', number = ''] = /^([a-z]{2})?(.*)$/s.exec(text) ?? [];
  const read = readDecimal(number);
  return read && prefixes[prefix] ? { prefix, ...read } : undefined;
}

const below = (a: Rational | undefined, b: Rational) => a === undefined || compare(a, b) < 0;
const above = (a: Rational | undefined, b: Rational) => a === undefined || compare(a, b) > 0;

type Bounds = { value: Rational; low: Rational; high: Rational; near: [Rational, Rational] };
type Found = Pick<Span, 'from' | 'to' | 'isOpen'>;

/** [low, high): the digits given say how near is equal. What is open on a side is in no range. */
function isInside({ from, to }: Found, { low, high }: Bounds): boolean {
  return from !== undefined && to !== undefined && compare(from, low) >= 0 && compare(to, high) < 0;
}

const isAt = (a: Rational | undefined, b: Rational) => a !== undefined && compare(a, b) === 0;

/** Source: FHIR R4, search.html#prefix and #number: with other prefixes than eq and ne the precision is ignored. */
const prefixes: Record<string, (found: Found, wanted: Bounds) => boolean> = {
  eq: isInside,
  ne: (found, wanted) => !isInside(found, wanted),
  gt: ({ to }, { value }) => above(to, value),
  lt: ({ from }, { value }) => below(from, value),
  ge: ({ to, isOpen }, { value }) => above(to, value) || (isAt(to, value) && !isOpen),
  le: ({ from, isOpen }, { value }) => below(from, value) || (isAt(from, value) && !isOpen),
  sa: ({ from, isOpen }, { value }) =>
    from !== undefined && (above(from, value) || (isAt(from, value) && isOpen === true)),
  eb: ({ to, isOpen }, { value }) => to !== undefined && (below(to, value) || (isAt(to, value) && isOpen === true)),
  // Overlaps with the value give or take a tenth.
  ap: ({ from, to, isOpen }, { near: [low, high] }) =>
    !above(from ?? low, high) && !below(to ?? high, low) && !(isOpen && (isAt(from, high) || isAt(to, low))),
};

function boundsOf({ value, half }: Wanted, convert: (value: Rational) => Rational): Bounds {
  const tenth = times(magnitude(value), { over: 1n, under: 10n });
  return {
    value: convert(value),
    low: convert(plus(value, negative(half))),
    high: convert(plus(value, half)),
    near: [convert(plus(value, negative(tenth))), convert(plus(value, tenth))],
  };
}

export function numberTest(asked: string): ((leaf: Leaf) => boolean) | undefined {
  const wanted = readWanted(asked);
  if (!wanted) return undefined;
  const bounds = boundsOf(wanted, (value) => value);
  return (leaf) => {
    const found = spanOf(leaf);
    return found !== undefined && prefixes[wanted.prefix]?.(found, bounds) === true;
  };
}

/** `number`, `number|system|code` or `number||code`. Source: FHIR R4, search.html#quantity. */
export function quantityTest(asked: string): ((leaf: Leaf) => boolean) | undefined {
  const [number = '', system = '', code = '', ...more] = splitOutside(asked, '|').map(unescaped);
  const wanted = readWanted(number);
  const parts = splitOutside(asked, '|').length;
  if (!wanted || more.length > 0 || parts === 2) return undefined;
  const test = prefixes[wanted.prefix];
  return (leaf) => {
    const found = spanOf(leaf);
    if (!found || !test) return false;
    const { unit } = found;
    // A code of UCUM without its system asks for the unit too, whatever it is measured in.
    if ((system === ucum || system === '') && code !== '' && unit.system === ucum && unit.code !== undefined) {
      const converted = convertSpan(found, unit.code);
      if (converted && inBase(wanted.value, code)?.dimension === converted.dimension) {
        return test(
          converted,
          boundsOf(wanted, (value) => inBase(value, code)?.value ?? value),
        );
      }
    }
    if (system !== '' && unit.system !== system) return false;
    if (code !== '' && unit.code !== code && (system !== '' || unit.text !== code)) return false;
    return test(
      found,
      boundsOf(wanted, (value) => value),
    );
  };
}

function convertSpan({ from, to, isOpen }: Span, code: string): (Found & { dimension: string }) | undefined {
  const low = from && inBase(from, code);
  const high = to && inBase(to, code);
  const dimension = (low ?? high)?.dimension;
  return dimension === undefined ? undefined : { from: low?.value, to: high?.value, isOpen, dimension };
}

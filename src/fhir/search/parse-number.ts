import { fail, ok, type Result } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import {
  add,
  type Decimal,
  decimalText,
  magnitude,
  multiply,
  negate,
  parseDecimal,
  significantDigits,
} from '../decimal.ts';
import type { Prefix, SearchParam, SearchValue } from './query.ts';

/** A number as it is asked for: the ends of what a prefix compares with. */
export interface AskedNumber {
  prefix: Prefix;
  from: Decimal;
  to: Decimal;
}

const grammar = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)?([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

/** `[prefix]number` (FHIR R4, search.html#number). Error `invalid` names the parameter. */
export function parseNumberValue(param: SearchParam, raw: string): Result<SearchValue> {
  const asked = askedNumber(raw);
  if (!asked) return badNumber(param, 'a number such as 100, 5.40 or 1.2e-3');
  return ok({ kind: 'number', prefix: asked.prefix, from: decimalText(asked.from), to: decimalText(asked.to) });
}

export function badNumber({ code }: SearchParam, what: string): Result<never> {
  const text =
    `Search parameter '${code}' takes ${what}, of at most ${limits.search.numberLength} characters and an order of magnitude of at most ` +
    `${limits.search.numberMagnitude}, with one of the prefixes eq, ne, gt, lt, ge, le, sa, eb, ap.`;
  return fail('invalid', text, { code: 'value' });
}

/**
 * Reads prefix and number. For eq and ne the ends are those of the implied precision, half a unit of the last digit on either side;
 * for ap a tenth of the value on either side; for all others the value itself ("treated as if they have arbitrarily high precision").
 */
export function askedNumber(raw: string): AskedNumber | undefined {
  if (raw.length > limits.search.numberLength) return undefined;
  // URL decoding makes a space of the plus in 1e+2.
  const [, prefix = 'eq', text = ''] = grammar.exec(raw.replace(/(\d[eE]) (?=\d)/, '$1+')) ?? [];
  const value = parseDecimal(text);
  if (!value || !isPrefix(prefix) || !isBounded(value)) return undefined;
  if (prefix === 'eq' || prefix === 'ne') return { prefix, ...around(value, halfUnit(value, /[eE]/.test(text))) };
  if (prefix === 'ap') return { prefix, ...around(value, multiply(value, { coefficient: 1n, exponent: -1 })) };
  return { prefix, from: value, to: value };
}

function isPrefix(text: string): text is Prefix {
  return ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'].includes(text);
}

/** The precision counts too: `0e999999999` is as long as any. */
function isBounded(value: Decimal): boolean {
  const most = limits.search.numberMagnitude;
  return Math.abs(magnitude(value)) <= most && Math.abs(value.exponent) <= most;
}

/**
 * Half a unit of the last digit. The specification reads 1e2 as [95, 105) and 1.00e2 as [99.5, 100.5): a single digit with an exponent
 * counts as two.
 */
function halfUnit(value: Decimal, hasExponent: boolean): Decimal {
  const isBare = hasExponent && significantDigits(value) === 1;
  return { coefficient: 5n, exponent: value.exponent - (isBare ? 2 : 1) };
}

function around(value: Decimal, distance: Decimal): { from: Decimal; to: Decimal } {
  const positive = distance.coefficient < 0n ? negate(distance) : distance;
  return { from: add(value, negate(positive)), to: add(value, positive) };
}

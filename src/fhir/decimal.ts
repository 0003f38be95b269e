/**
 * Decimals of any length and size, exact: `coefficient` × 10^`exponent`. JavaScript's numbers would lose digits that FHIR says are
 * significant, and make 0.1 + 0.2 something else than 0.3.
 */
export interface Decimal {
  coefficient: bigint;
  exponent: number;
}

const grammar = /^([+-]?)(\d{1,400})(?:\.(\d{1,400}))?(?:[eE]([+-]?\d{1,9}))?$/;

/** Reads a decimal as FHIR and JSON write one (`-3.40`, `1.2e-3`); undefined for anything else, or more than 800 digits. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = grammar.exec(text);
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = match;
  const coefficient = BigInt(whole + fraction);
  return { coefficient: sign === '-' ? -coefficient : coefficient, exponent: Number(power) - fraction.length };
}

/** Its order of magnitude: the power of ten of its first digit; 0 for zero. */
export function magnitude({ coefficient, exponent }: Decimal): number {
  if (coefficient === 0n) return 0;
  return exponent + digitsOf(coefficient).length - 1;
}

/** Digits that count: without leading zeros; 1 for zero. */
export function significantDigits({ coefficient }: Decimal): number {
  return digitsOf(coefficient).length;
}

function digitsOf(coefficient: bigint): string {
  return (coefficient < 0n ? -coefficient : coefficient).toString();
}

export function add(left: Decimal, right: Decimal): Decimal {
  const exponent = Math.min(left.exponent, right.exponent);
  return { coefficient: scaled(left, exponent) + scaled(right, exponent), exponent };
}

/** The coefficient as it would be with a smaller exponent. */
function scaled({ coefficient, exponent }: Decimal, smaller: number): bigint {
  return exponent === smaller ? coefficient : coefficient * 10n ** BigInt(exponent - smaller);
}

export function multiply(left: Decimal, right: Decimal): Decimal {
  return { coefficient: left.coefficient * right.coefficient, exponent: left.exponent + right.exponent };
}

export function negate({ coefficient, exponent }: Decimal): Decimal {
  return { coefficient: -coefficient, exponent };
}

/** Divides and rounds half away from zero to so many significant digits. */
export function divide(value: Decimal, divisor: bigint, digits: number): Decimal {
  const wanted = digits + divisor.toString().length + 1;
  const missing = Math.max(0, wanted - digitsOf(value.coefficient).length);
  const coefficient = value.coefficient * 10n ** BigInt(missing);
  // What the division leaves over only counts when it decides a tie: one more digit says that it is there.
  const quotient = coefficient / divisor;
  const rest = coefficient % divisor;
  const sticky = quotient * 10n + (rest === 0n ? 0n : rest < 0n ? -1n : 1n);
  return roundTo({ coefficient: sticky, exponent: value.exponent - missing - 1 }, digits);
}

/** Negative, zero or positive, as an order wants it. */
export function compareDecimals(left: Decimal, right: Decimal): number {
  const difference = add(left, negate(right)).coefficient;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** Rounds half away from zero to so many significant digits. */
export function roundTo(value: Decimal, digits: number): Decimal {
  const surplus = digitsOf(value.coefficient).length - digits;
  if (surplus <= 0) return value;
  const unit = 10n ** BigInt(surplus);
  const half = value.coefficient < 0n ? -unit / 2n : unit / 2n;
  return { coefficient: (value.coefficient + half) / unit, exponent: value.exponent + surplus };
}

/** Plain notation without exponent and without zeros at the end of a fraction: equal decimals have equal texts. */
export function decimalText(value: Decimal): string {
  const { coefficient, exponent } = value;
  if (coefficient === 0n) return '0';
  const sign = coefficient < 0n ? '-' : '';
  const digits = digitsOf(coefficient);
  if (exponent >= 0) return sign + digits + '0'.repeat(exponent);
  const padded = digits.padStart(1 - exponent, '0');
  const point = padded.length + exponent;
  const fraction = padded.slice(point).replace(/0+$/, '');
  return sign + padded.slice(0, point) + (fraction === '' ? '' : `.${fraction}`);
}

/** Hundred-millionths in one: CQL's Decimals have eight places. */
const one = 100_000_000n;
const places = 8;
/** CQL's Decimals have 28 digits. */
const limit = 10n ** 28n;
const powers = Array.from({ length: 30 }, (_, exponent) => 10n ** BigInt(exponent));

/**
 * A Decimal, exact: a whole number of hundred-millionths. What does not fit in 28 digits is no Decimal, and the operations give null for it; what has
 * more than eight places is rounded half away from zero. Source: CQL 1.5, Decimal.
 */
export class Decimal {
  /** Its value in hundred-millionths. */
  readonly units: bigint;
  /** Places after the point as it was written; undefined for a computed value. */
  readonly #written: number | undefined;
  /** The Integer that it was made of. */
  readonly #integer: number | undefined;

  private constructor(units: bigint, written?: number, integer?: number) {
    this.units = units;
    this.#written = written;
    this.#integer = integer;
  }

  static readonly zero: Decimal = new Decimal(0n);
  static readonly one: Decimal = new Decimal(one);
  static readonly min: Decimal = new Decimal(1n - limit);
  static readonly max: Decimal = new Decimal(limit - 1n);

  /** Of so many hundred-millionths; null when out of range. */
  static of(units: bigint, written?: number): Decimal | null {
    return units < limit && units > -limit ? new Decimal(units, written) : null;
  }

  /** Every Integer and Long is a Decimal. */
  static fromInteger(value: number | bigint): Decimal {
    if (typeof value === 'bigint') return new Decimal(value * one, 0);
    return Decimal.#small[value] ?? new Decimal(BigInt(value) * one, 0, value);
  }

  /** Ages, counts and parts of dates: made once. */
  static readonly #small: readonly Decimal[] = Array.from(
    { length: 128 },
    (_, value) => new Decimal(BigInt(value) * one, 0, value),
  );

  /** The nearest Decimal; null for what is no number or out of range. */
  static fromNumber(value: number): Decimal | null {
    if (!Number.isFinite(value)) return null;
    if (Math.abs(value) < 9e7) return new Decimal(BigInt(Math.round(value * 1e8)));
    return Math.abs(value) < 1e21 ? Decimal.parse(value.toFixed(places)) : null;
  }

  /** `-12.50`, `+3`, `.5` is none; null when it is no decimal or out of range. */
  static parse(text: string): Decimal | null {
    let at = text.charCodeAt(0) === 43 || text.charCodeAt(0) === 45 ? 1 : 0;
    const isNegative = text.charCodeAt(0) === 45;
    const start = at;
    while (isDigit(text.charCodeAt(at))) at += 1;
    if (at === start || at - start > 40) return null;
    let units = BigInt(text.slice(start, at)) * one;
    let written = 0;
    if (text.charCodeAt(at) === 46) {
      const point = at + 1;
      at = point;
      while (isDigit(text.charCodeAt(at))) at += 1;
      written = at - point;
      if (written === 0) return null;
      const digits = text.slice(point, point + places + 1);
      const kept = BigInt(digits.slice(0, places).padEnd(places, '0'));
      units += digits.charCodeAt(places) >= 53 ? kept + 1n : kept;
    }
    if (at !== text.length) return null;
    return Decimal.of(isNegative ? -units : units, Math.min(written, places));
  }

  /** Places after the point: as written, else as many as its value needs. */
  get scale(): number {
    return this.#written ?? this.significantScale;
  }

  /** Places after the point without trailing zeros. */
  get significantScale(): number {
    let rest = this.units;
    let scale = places;
    while (scale > 0 && rest % 10n === 0n) {
      rest /= 10n;
      scale -= 1;
    }
    return scale;
  }

  toNumber(): number {
    return Number(this.units) / 1e8;
  }

  /** `-0.5`, `3.0`: at least one place, no other trailing zeros. */
  toString(): string {
    const digits = (this.units < 0n ? -this.units : this.units).toString().padStart(places + 1, '0');
    const whole = digits.slice(0, -places);
    const fraction = digits.slice(-places).replace(/0+$/, '') || '0';
    return `${this.units < 0n ? '-' : ''}${whole}.${fraction}`;
  }

  compare(other: Decimal): number {
    return this.units < other.units ? -1 : this.units > other.units ? 1 : 0;
  }

  negate(): Decimal {
    return new Decimal(-this.units, this.#written);
  }

  abs(): Decimal {
    return this.units < 0n ? this.negate() : this;
  }

  add(other: Decimal): Decimal | null {
    return Decimal.of(this.units + other.units);
  }

  subtract(other: Decimal): Decimal | null {
    return Decimal.of(this.units - other.units);
  }

  multiply(other: Decimal): Decimal | null {
    return Decimal.of(divideRounded(this.units * other.units, one));
  }

  /** Null for a division by zero. */
  divide(other: Decimal): Decimal | null {
    return other.units === 0n ? null : Decimal.of(divideRounded(this.units * one, other.units));
  }

  /** The whole number of times that the other goes into it; null for a division by zero. */
  truncatedDivide(other: Decimal): Decimal | null {
    return other.units === 0n ? null : Decimal.of((this.units / other.units) * one);
  }

  /** What truncated division leaves over, with the sign of the dividend; null for a division by zero. */
  modulo(other: Decimal): Decimal | null {
    return other.units === 0n ? null : new Decimal(this.units % other.units);
  }

  /** Rounded half away from zero to so many places (0 to 8). */
  round(to: number): Decimal | null {
    const step = powers[Math.max(0, places - Math.max(0, to))] ?? one;
    return Decimal.of(divideRounded(this.units, step) * step);
  }

  /** The greatest Decimal of so many places that is not above it. */
  floorTo(to: number): Decimal | null {
    const step = powers[places - to] ?? 1n;
    const rest = this.units % step;
    return Decimal.of(this.units - rest - (rest < 0n ? step : 0n));
  }

  truncate(): bigint {
    return this.units / one;
  }

  /** The same as a number, which is exact to 2^53. */
  get whole(): number {
    return this.#integer ?? Number(this.truncate());
  }

  floor(): bigint {
    return this.units < 0n && this.units % one !== 0n ? this.units / one - 1n : this.units / one;
  }

  ceiling(): bigint {
    return this.units > 0n && this.units % one !== 0n ? this.units / one + 1n : this.units / one;
  }
}

function isDigit(character: number): boolean {
  return character >= 48 && character <= 57;
}

/** Half away from zero. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  const isNegative = dividend < 0n !== divisor < 0n;
  const above = dividend < 0n ? -dividend : dividend;
  const below = divisor < 0n ? -divisor : divisor;
  const quotient = (2n * above + below) / (2n * below);
  return isNegative ? -quotient : quotient;
}

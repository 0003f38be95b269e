import type { Decimal } from './decimal.ts';
import type { Unit } from './units.ts';

/** A value with a unit. Source: CQL 1.5, Quantity. */
export class Quantity {
  readonly value: Decimal;
  readonly unit: Unit;
  #amount: number | undefined;

  constructor(value: Decimal, unit: Unit) {
    this.value = value;
    this.unit = unit;
  }

  /** What is added to a date: whole units, but milliseconds of a number of seconds. */
  get amount(): number {
    this.#amount ??= this.unit.duration === 6 ? Math.trunc(this.value.toNumber() * 1000) : this.value.whole;
    return this.#amount;
  }

  /** `5.0 'mg'`, `4.0 days`. */
  toString(): string {
    const { code, ucum } = this.unit;
    return `${this.value} ${ucum === code ? `'${code}'` : code}`;
  }
}

/** A relation of two quantities. Source: CQL 1.5, Ratio. */
export class Ratio {
  readonly numerator: Quantity;
  readonly denominator: Quantity;

  constructor(numerator: Quantity, denominator: Quantity) {
    this.numerator = numerator;
    this.denominator = denominator;
  }

  toString(): string {
    return `${this.numerator}:${this.denominator}`;
  }
}

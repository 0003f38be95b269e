import { limits } from '../../../base/limits.ts';
import type { Precision } from './precision.ts';

/** A number of any size, exact: `coefficient` × 10^`exponent`. */
interface Exact {
  coefficient: bigint;
  exponent: number;
}

/** How values of a unit become values of its canonical unit: (value + offset) × factor ÷ divisor. */
export interface Scale {
  canonical: string;
  offset: Exact;
  factor: Exact;
  divisor: bigint;
}

/** What is known of UCUM, by code (case-sensitive form); undefined for an invalid code and for one on a scale of its own. */
export interface UcumTable {
  unitOf(code: string): Scale | undefined;
}

/** The durations of the calendar, by their names, and their counterparts in UCUM. */
const calendar: Readonly<Record<string, { unit: Precision | 'week'; ucum: string }>> = {
  year: { unit: 1, ucum: 'a' },
  month: { unit: 2, ucum: 'mo' },
  week: { unit: 'week', ucum: 'wk' },
  day: { unit: 3, ucum: 'd' },
  hour: { unit: 4, ucum: 'h' },
  minute: { unit: 5, ucum: 'min' },
  second: { unit: 6, ucum: 's' },
  millisecond: { unit: 7, ucum: 'ms' },
};

const definite: Readonly<Record<string, Precision | 'week'>> = { wk: 'week', d: 3, h: 4, min: 5, s: 6, ms: 7 };
const whole: Exact = { coefficient: 0n, exponent: 0 };

/** A unit of measure. There is one object for each code, so that two quantities in the same unit are compared by their values alone. */
export class Unit {
  /** As written: `mg/dL`, `years`, `1`. */
  readonly code: string;
  /** What it is when added to a date: a calendar duration, or UCUM's weeks and below; undefined for all else, UCUM's `a` and `mo` among it. */
  readonly duration: Precision | 'week' | undefined;
  /** Calendar year or month, whose length varies. */
  readonly isVariable: boolean;
  /** The code of UCUM that it is, or that it counts as where CQL says so. */
  readonly ucum: string;
  readonly #table: UcumTable;
  #scale: Scale | null | undefined;

  constructor(code: string, table: UcumTable) {
    const name = code.endsWith('s') ? code.slice(0, -1) : code;
    const named = Object.hasOwn(calendar, name) ? calendar[name] : undefined;
    this.code = code;
    this.duration = named?.unit ?? (Object.hasOwn(definite, code) ? definite[code] : undefined);
    this.isVariable = named?.unit === 1 || named?.unit === 2;
    this.ucum = named?.ucum ?? code;
    this.#table = table;
  }

  /** Undefined when the unit can be compared with nothing but itself. Months and years of the calendar are counted in months. */
  get scale(): Scale | undefined {
    if (this.#scale === undefined) {
      this.#scale = this.isVariable ? this.#months() : (this.#table.unitOf(this.ucum) ?? null);
    }
    return this.#scale ?? undefined;
  }

  /** Another unit of the same table. */
  of(code: string): Unit {
    return code === this.code ? this : new Unit(code, this.#table);
  }

  /** The unit of UCUM that a calendar duration counts as. */
  asUcum(): Unit {
    return this.of(this.ucum);
  }

  /** Days, for a duration of the calendar to be counted in. */
  days(): Unit {
    return this.of('d');
  }

  #months(): Scale {
    const factor = { coefficient: this.duration === 1 ? 12n : 1n, exponent: 0 };
    return { canonical: 'calendar month', offset: whole, factor, divisor: 1n };
  }
}

/** The units that have been met, by code. What it holds comes from measures and records, so it forgets when it grows too large. */
export class Units {
  readonly #table: UcumTable;
  readonly #known = new Map<string, Unit>();
  readonly #bound: number;

  /** @param bound how many codes are kept */
  constructor(table: UcumTable, bound = limits.measures.knownUnits) {
    this.#table = table;
    this.#bound = bound;
  }

  /** The unit of a code. No code is the unit `1`. */
  of(code: string | null | undefined): Unit {
    const key = code || '1';
    const known = this.#known.get(key);
    if (known) return known;
    if (this.#known.size >= this.#bound) this.#known.clear();
    const unit = new Unit(key, this.#table);
    this.#known.set(key, unit);
    return unit;
  }
}

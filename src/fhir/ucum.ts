import { createRequire } from 'node:module';
import { limits } from '../base/limits.ts';
import { add, type Decimal, decimalText, divide, multiply, parseDecimal, roundTo } from './decimal.ts';

/** The URI of UCUM as the system of a Quantity. */
export const ucumSystem = 'http://unitsofmeasure.org';

/** How values of a unit become values of the canonical unit: (value + offset) × factor ÷ divisor. */
export interface Unit {
  /** The name of the canonical unit, the same for all units that measure the same, e.g. `m-3.g` for mg/dL. */
  canonical: string;
  offset: Decimal;
  factor: Decimal;
  divisor: bigint;
  /** False: the factor has no end as a decimal, and results are rounded. */
  isExact: boolean;
}

/** Units of measure by their UCUM codes. Source: The Unified Code for Units of Measure, version 2.1. */
export interface Ucum {
  /** Undefined: no valid UCUM code (case-sensitive form), or a unit on a logarithmic scale such as pH, which stands for itself. */
  unitOf(code: string): Unit | undefined;
}

/** What we use of a unit of ucum-lhc. */
interface LibraryUnit {
  magnitude_: number;
  dim_: { dimVec_: number[] | null } | null;
  cnv_: string | null;
  cnvPfx_: number;
  isArbitrary_: boolean;
  moleExp_: number;
  equivalentExp_: number;
}
interface Library {
  getSpecifiedUnit(
    code: string,
    purpose: 'validate',
  ): { unit?: LibraryUnit | null; origString?: string; retMsg?: string[] };
}

/** The base units of the library's dimension vectors, in their order. */
const baseUnits = ['m', 's', 'g', 'rad', 'K', 'C', 'cd'];

const zero: Decimal = { coefficient: 0n, exponent: 0 };
const decimal = (text: string): Decimal => parseDecimal(text) ?? zero;

/** Scales with their zero elsewhere, exactly: K = (value + offset) × factor ÷ divisor. */
const temperatures: Readonly<Record<string, Pick<Unit, 'offset' | 'factor' | 'divisor' | 'isExact'>>> = {
  Cel: { offset: decimal('273.15'), factor: decimal('1'), divisor: 1n, isExact: true },
  degF: { offset: decimal('459.67'), factor: decimal('5'), divisor: 9n, isExact: false },
  degRe: { offset: decimal('218.52'), factor: decimal('1.25'), divisor: 1n, isExact: true },
};

/** A decimal of so many digits survives the arithmetic of any chain of factors; what a unit says is known no better. */
const roundedDigits = 12;

/**
 * Makes the unit table. The library behind it (50 ms, 16 MB) is loaded when the first unit is asked for; what was asked is kept, up to a
 * bound.
 */
export function createUcum(): Ucum {
  let library: Library | undefined;
  const known = new Map<string, Unit | undefined>();
  const find = (code: string): LibraryUnit | undefined => {
    library ??= loadLibrary();
    const { unit, origString, retMsg } = library.getSpecifiedUnit(code, 'validate');
    // The library also takes names ("kilogram") and says so in a message: those are no codes.
    return unit && origString === code && (retMsg ?? []).length === 0 ? unit : undefined;
  };
  return {
    unitOf(code) {
      if (known.has(code)) return known.get(code);
      if (code === '' || code.length > limits.search.unitLength || !/^[!-~]+$/.test(code)) return undefined;
      if (known.size >= limits.search.knownUnits) known.clear();
      const unit = describe(code, find);
      known.set(code, unit);
      return unit;
    },
  };
}

function loadLibrary(): Library {
  // A CommonJS package that builds its tables when it is loaded; synchronous, so that nobody has to wait for it at the start.
  return createRequire(import.meta.url)('@lhncbc/ucum-lhc').UcumLhcUtils.getInstance();
}

function describe(code: string, find: (code: string) => LibraryUnit | undefined): Unit | undefined {
  const unit = find(code);
  if (!unit || !Number.isFinite(unit.magnitude_) || unit.magnitude_ <= 0) return undefined;
  const canonical = canonicalName(code, unit, find);
  if (unit.cnv_) {
    const scale = temperatures[unit.cnv_];
    return scale && unit.cnvPfx_ === 1 ? { canonical, ...scale } : undefined;
  }
  // 14 digits are free of the errors of binary arithmetic; a factor that needs fewer than 13 of them is a decimal itself.
  const short = decimal(unit.magnitude_.toPrecision(14));
  const digits = decimalText({ coefficient: short.coefficient, exponent: 0 }).replace(/0+$/, '').length;
  const isExact = digits <= roundedDigits;
  const factor = isExact ? short : decimal(unit.magnitude_.toPrecision(15));
  return { canonical, offset: zero, factor, divisor: 1n, isExact };
}

/**
 * Dimensions, with what the library keeps beside them: moles and equivalents are counts to UCUM, yet nobody who asks for 5 mmol/L means
 * particles per litre. Arbitrary units (UCUM, §24) are commensurable with themselves only, so they are named.
 */
function canonicalName(code: string, unit: LibraryUnit, find: (code: string) => LibraryUnit | undefined): string {
  const powers = (unit.dim_?.dimVec_ ?? []).map((power, place): [string, number] => [baseUnits[place] ?? '?', power]);
  powers.push(['mol', unit.moleExp_], ['eq', unit.equivalentExp_]);
  const names = powers.filter(([, power]) => power !== 0).map(([name, power]) => (power === 1 ? name : name + power));
  if (unit.isArbitrary_) {
    const atoms = code.match(/\[[^\]]*\]-?\d*/g) ?? [];
    const arbitrary = atoms.filter((atom) => find(atom.replace(/\]-?\d*$/, ']'))?.isArbitrary_ === true);
    names.push(...arbitrary.map((atom) => atom.replace('[IU]', '[iU]')).sort());
  }
  return names.join('.') || '1';
}

/** A value of the unit as one of the canonical unit. */
export function toCanonical(value: Decimal, unit: Unit): Decimal {
  const product = multiply(unit.offset === zero ? value : add(value, unit.offset), unit.factor);
  if (unit.divisor !== 1n) return divide(product, unit.divisor, roundedDigits);
  return unit.isExact ? product : roundTo(product, roundedDigits);
}

import { type Rational, times } from './decimal.ts';

/** A unit as dimension and linear map to the dimension's base: base = factor × value + offset. From the UCUM specification's own tables. */
interface Unit {
  dimension: string;
  factor: Rational;
  offset?: Rational;
}

const ratio = (over: number | bigint, under: number | bigint = 1): Rational => ({
  over: BigInt(over),
  under: BigInt(under),
});
const unit = (dimension: string, over: number | bigint, under: number | bigint = 1): Unit => ({
  dimension,
  factor: ratio(over, under),
});

/** Mass in µg, length in µm, time in s, temperature in K, volume in µL, amount per volume in mol/m³, and so on. */
const units: Record<string, Unit> = {
  kg: unit('M', 1_000_000_000),
  g: unit('M', 1_000_000),
  mg: unit('M', 1000),
  ug: unit('M', 1),
  '[lb_av]': unit('M', 45_359_237n * 10n),
  '[oz_av]': unit('M', 45_359_237n * 10n, 16),
  m: unit('L', 1_000_000),
  cm: unit('L', 10_000),
  mm: unit('L', 1000),
  '[in_i]': unit('L', 25_400),
  '[ft_i]': unit('L', 304_800),
  s: unit('T', 1),
  min: unit('T', 60),
  h: unit('T', 3600),
  d: unit('T', 86_400),
  wk: unit('T', 604_800),
  K: unit('K', 1),
  Cel: { dimension: 'K', factor: ratio(1), offset: ratio(27_315, 100) },
  '[degF]': { dimension: 'K', factor: ratio(5, 9), offset: ratio(45_967n * 5n, 900n) },
  L: unit('L3', 1000),
  mL: unit('L3', 1),
  dL: unit('L3', 100),
  'g/dL': unit('M/L3', 10),
  'g/L': unit('M/L3', 1),
  'mg/dL': unit('M/L3', 1, 100),
  'mol/L': unit('N/L3', 1000),
  'mmol/L': unit('N/L3', 1),
  'umol/L': unit('N/L3', 1, 1000),
  '/min': unit('/T', 1, 60),
  '/s': unit('/T', 1),
  '%': unit('1', 1, 100),
  '1': unit('1', 1),
  'mm[Hg]': unit('P', 133_322, 1000),
  kPa: unit('P', 1000),
};

export const ucum = 'http://unitsofmeasure.org';
export const unitCodes = Object.keys(units);
export const unitsLike = (code: string) =>
  unitCodes.filter((other) => units[other]?.dimension === units[code]?.dimension);

/** The value in the base of its dimension; undefined for a unit that is not in the table. */
export function inBase(value: Rational, code: string): { dimension: string; value: Rational } | undefined {
  const found = Object.hasOwn(units, code) ? units[code] : undefined;
  if (!found) return undefined;
  const { dimension, factor, offset = ratio(0) } = found;
  const scaled = times(value, factor);
  return {
    dimension,
    value: {
      over: scaled.over * offset.under + offset.over * scaled.under,
      under: scaled.under * offset.under,
    },
  };
}

/** An exact rational number: what arithmetic on decimals is done with here. The denominator is positive. */
export interface Rational {
  over: bigint;
  under: bigint;
}

/** A decimal as it was written: its value, and half of one unit in its last digit. */
export interface Written {
  value: Rational;
  half: Rational;
}

const decimalForm = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Undefined for what is no decimal. */
export function readDecimal(text: string): Written | undefined {
  const [whole, sign, integer = '', fraction = '', exponent = '0'] = decimalForm.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const power = Number(exponent) - fraction.length;
  const digits = BigInt(`${sign === '-' ? '-' : ''}${integer}${fraction}`);
  const scale = 10n ** BigInt(Math.abs(power));
  const value = power >= 0 ? { over: digits * scale, under: 1n } : { over: digits, under: scale };
  const half = power >= 0 ? { over: scale, under: 2n } : { over: 1n, under: scale * 2n };
  return { value, half };
}

export const plus = (a: Rational, b: Rational): Rational => ({
  over: a.over * b.under + b.over * a.under,
  under: a.under * b.under,
});
export const negative = (a: Rational): Rational => ({ over: -a.over, under: a.under });
export const times = (a: Rational, b: Rational): Rational => ({ over: a.over * b.over, under: a.under * b.under });
/** Negative, 0 or positive as a < b, a = b, a > b. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.over * b.under - b.over * a.under;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
export const magnitude = (a: Rational): Rational => (a.over < 0n ? negative(a) : a);

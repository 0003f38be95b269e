/** The standard normal quantile of 0.975: two-sided 95 %. */
const z95 = 1.959963984540054;

export interface Limits {
  low: number;
  high: number;
}

/**
 * The Wilson score interval, 95 %, of `count` of `of` (Wilson 1927; Newcombe 1998, method 3). Undefined when there is nothing to count:
 * a proportion of nobody has no interval. Unlike the normal approximation it stays within 0 and 1 and means something at 0 and at all.
 */
export function wilsonInterval(count: number, of: number): Limits | undefined {
  if (!Number.isFinite(of) || of <= 0 || count < 0 || count > of) return undefined;
  const p = count / of;
  const z2 = z95 * z95;
  const middle = (p + z2 / (2 * of)) / (1 + z2 / of);
  const half = (z95 / (1 + z2 / of)) * Math.sqrt((p * (1 - p)) / of + z2 / (4 * of * of));
  // At 0 and at all the limit is the proportion itself; what is left there is rounding.
  return { low: count === 0 ? 0 : middle - half, high: count === of ? 1 : middle + half };
}

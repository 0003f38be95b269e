/** The gamma distribution with scale 1, as far as exact Poisson limits need it. Source: Abramowitz and Stegun, chapter 6. */

const smallest = 1e-300;
const precision = 1e-15;
const maxTerms = 10_000;
const maxHalvings = 200;

/** Coefficients of Lanczos' approximation with g = 7 and nine terms: 15 digits. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** ln Γ(a) for a ≥ 0.5. */
function logGamma(a: number): number {
  const x = a - 1;
  const t = x + 7.5;
  const series = lanczos.reduce(
    (sum, coefficient, index) => sum + (index === 0 ? coefficient : coefficient / (x + index)),
    0,
  );
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(series);
}

/** P(X ≤ x) for X gamma distributed with shape `a` (≥ 0.5): the regularized lower incomplete gamma function (6.5.1). */
export function gammaCdf(a: number, x: number): number {
  if (x <= 0) return 0;
  const factor = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? factor * series(a, x) : 1 - factor * fraction(a, x);
}

/** 6.5.29. */
function series(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < maxTerms && term > sum * precision; n += 1) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

/** 6.5.31 by Lentz's method. */
function fraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / smallest;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < maxTerms; n += 1) {
    const step = -n * (n - a);
    b += 2;
    const below = step * d + b;
    d = 1 / (Math.abs(below) < smallest ? smallest : below);
    const above = b + step / c;
    c = Math.abs(above) < smallest ? smallest : above;
    value *= d * c;
    if (Math.abs(d * c - 1) < precision) break;
  }
  return value;
}

/** The x with P(X ≤ x) = p, by halving: slow and certain. */
export function gammaQuantile(a: number, p: number): number {
  let low = 0;
  let high = Math.max(2 * a, 10);
  while (gammaCdf(a, high) < p) high *= 2;
  for (let n = 0; n < maxHalvings && high - low > precision * high; n += 1) {
    const middle = (low + high) / 2;
    if (gammaCdf(a, middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

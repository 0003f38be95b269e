import { Decimal } from '../values/decimal.ts';
import { equal, isList } from '../values/equality.ts';
import { order, sortOrder } from '../values/order.ts';
import { Quantity } from '../values/quantity.ts';
import type { Value } from '../values/types.ts';
import { add, asDecimal, divide, multiply, subtract } from './arithmetic.ts';
import { folded, nodeIn } from './operands.ts';
import type { OperatorCompiler, OperatorTable } from './types.ts';

/** Of the elements of a list that are not null. */
function aggregate(compute: (values: readonly Value[]) => Value): OperatorCompiler {
  return (node, compile, around) => {
    if (node.path !== undefined) return around.refuse(`${node.type} with a path is not supported.`);
    const source = compile(nodeIn(node, 'source'));
    return folded([source], (frame) => {
      const value = source(frame);
      return compute(isList(value) ? value.filter((element) => element !== null) : []);
    });
  };
}

function sum(values: readonly Value[]): Value {
  return values.length === 0 ? null : values.reduce((total, value) => add(total, value));
}

function product(values: readonly Value[]): Value {
  return values.length === 0 ? null : values.reduce((total, value) => multiply(total, value));
}

/** So many, as what values of this kind are divided by. */
function countLike(value: Value, count: number): Value {
  const decimal = Decimal.fromInteger(count);
  return value instanceof Quantity ? new Quantity(decimal, value.unit.of('1')) : decimal;
}

function average(values: readonly Value[]): Value {
  const total = sum(values);
  return total === null ? null : divide(total, countLike(total, values.length));
}

function median(values: readonly Value[]): Value {
  if (values.length === 0) return null;
  const sorted = [...values].sort(sortOrder);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? null;
  if (sorted.length % 2 === 1) return typeof upper === 'number' ? asDecimal(upper) : upper;
  return average([sorted[middle - 1] ?? null, upper]);
}

/** The value that there is most of; of several the one that comes first. */
function mode(values: readonly Value[]): Value {
  const counts: { value: Value; count: number }[] = [];
  for (const value of values) {
    const known = counts.find((entry) => equal(entry.value, value) === true);
    if (known) known.count += 1;
    else counts.push({ value, count: 1 });
  }
  let best: { value: Value; count: number } | undefined;
  for (const entry of counts) if (!best || entry.count > best.count) best = entry;
  return best?.value ?? null;
}

/** The greatest, or the least; null when two cannot be compared. */
function extreme(sign: 1 | -1): (values: readonly Value[]) => Value {
  return (values) => {
    let best: Value = null;
    for (const value of values) {
      const side = best === null ? sign : order(value, best);
      if (Number.isNaN(side)) return null;
      if (side === sign) best = value;
    }
    return best;
  };
}

/** The sum of squared distances from the average over the number of values, or one less. */
function variance(values: readonly Value[], less: 0 | 1): Value {
  const mean = average(values);
  if (mean === null || values.length <= less) return null;
  const squares = values.map((value) => {
    const distance = subtract(value instanceof Quantity ? value : asDecimal(value), mean);
    return distance instanceof Quantity ? distance.value.multiply(distance.value) : multiply(distance, distance);
  });
  const spread = divide(sum(squares), Decimal.fromInteger(values.length - less));
  return mean instanceof Quantity && spread instanceof Decimal ? new Quantity(spread, mean.unit) : spread;
}

function deviation(values: readonly Value[], less: 0 | 1): Value {
  const spread = variance(values, less);
  const root = (value: Decimal) => Decimal.fromNumber(Math.sqrt(value.toNumber()));
  if (spread instanceof Decimal) return root(spread);
  const value = spread instanceof Quantity ? root(spread.value) : null;
  return spread instanceof Quantity && value ? new Quantity(value, spread.unit) : null;
}

function geometricMean(values: readonly Value[]): Value {
  const total = asDecimal(product(values.map(asDecimal)));
  return total && Decimal.fromNumber(total.toNumber() ** (1 / values.length));
}

/** Source: CQL 1.5, Appendix B, "Aggregate Functions". */
export const aggregates: OperatorTable = {
  Count: aggregate((values) => values.length),
  Sum: aggregate(sum),
  Product: aggregate(product),
  Avg: aggregate(average),
  Min: aggregate(extreme(-1)),
  Max: aggregate(extreme(1)),
  Median: aggregate(median),
  Mode: aggregate(mode),
  Variance: aggregate((values) => variance(values, 1)),
  PopulationVariance: aggregate((values) => variance(values, 0)),
  StdDev: aggregate((values) => deviation(values, 1)),
  PopulationStdDev: aggregate((values) => deviation(values, 0)),
  GeometricMean: aggregate((values) => geometricMean(values)),
  AllTrue: aggregate((values) => values.every((value) => value === true)),
  AnyTrue: aggregate((values) => values.some((value) => value === true)),
};

import { CqlDate } from '../values/date.ts';
import { addDuration, addToTime } from '../values/date-arithmetic.ts';
import { CqlDateTime } from '../values/date-time.ts';
import { isList } from '../values/equality.ts';
import { CqlFault } from '../values/fault.ts';
import { Interval } from '../values/interval.ts';
import { sortOrder } from '../values/order.ts';
import { Quantity } from '../values/quantity.ts';
import { CqlTime } from '../values/time.ts';
import type { Truth, Value } from '../values/types.ts';
import { add, asDecimal } from './arithmetic.ts';
import { meetsBefore, overlaps } from './interval-relations.ts';
import { unionIntervals } from './interval-sets.ts';
import { or } from './logical.ts';
import { lessOrEqualAt } from './ordering.ts';

/**
 * The fewest intervals that cover what a list covers: those that overlap or meet become one. With `per`, those become one between which
 * no more than `per` lies, dates and times compared to its precision.
 * Source: CQL 1.5, Collapse.
 */
export function collapse(source: Value, per: Value): Value {
  if (!isList(source)) return null;
  const sorted = source.filter((value) => value instanceof Interval);
  sorted.sort((left, right) => sortOrder(left.start, right.start) || sortOrder(left.end, right.end));
  const result: Interval[] = [];
  for (const next of sorted) {
    const last = result.at(-1);
    const merged = last && touches(last, next, per) === true ? merge(last, next) : null;
    if (merged) result[result.length - 1] = merged;
    else result.push(next);
  }
  return result;
}

function touches(last: Interval, next: Interval, per: Value): Truth {
  if (!(per instanceof Quantity)) return or(overlaps(last, next, 0), meetsBefore(last, next, 0));
  const { duration } = per.unit;
  const reach = reachOf(last.end, per);
  if (reach === null) return overlaps(last, next, 0);
  return lessOrEqualAt(
    next.start,
    reach,
    isTemporal(last.end) && duration !== undefined && duration !== 'week' ? duration : 0,
  );
}

/** How far an interval reaches when `per` is added to its end. */
function reachOf(end: Value, per: Quantity): Value {
  if (end instanceof CqlDate || end instanceof CqlDateTime || end instanceof CqlTime) {
    const { duration } = per.unit;
    if (duration === undefined) throw new CqlFault('intervals of dates and times are collapsed per calendar duration.');
    const amount = Number(per.value.truncate());
    return end instanceof CqlTime ? addToTime(end, amount, duration) : addDuration(end, amount, duration);
  }
  if (end instanceof Quantity) return add(end, per.unit.code === '1' ? new Quantity(per.value, end.unit) : per);
  const from = asDecimal(end);
  return from?.add(per.value) ?? null;
}

function isTemporal(value: Value): boolean {
  return value instanceof CqlDate || value instanceof CqlDateTime || value instanceof CqlTime;
}

/** From the first start to the later end. */
function merge(last: Interval, next: Interval): Interval {
  const union = unionIntervals(last, next);
  if (union) return union;
  const later = sortOrder(last.end, next.end) >= 0 ? last : next;
  return new Interval(last.low, later.high, last.lowClosed, later.highClosed, last.pointType);
}

import { Decimal } from '../values/decimal.ts';
import { isList } from '../values/equality.ts';
import { CqlFault } from '../values/fault.ts';
import { Interval } from '../values/interval.ts';
import { Quantity } from '../values/quantity.ts';
import type { Truth, Value } from '../values/types.ts';
import { add, subtract } from './arithmetic.ts';
import { collapse } from './collapse.ts';
import { expand } from './expand.ts';
import {
  contains,
  ends,
  includes,
  meets,
  meetsBefore,
  overlaps,
  overlapsAfter,
  overlapsBefore,
  properContains,
  properIncludes,
  starts,
} from './interval-relations.ts';
import { exceptInterval, intersectIntervals, unionIntervals } from './interval-sets.ts';
import {
  exceptLists,
  includesList,
  inList,
  intersectLists,
  properIncludesList,
  properInList,
  unionLists,
} from './list-sets.ts';
import { binary, compileBinary, folded, nodeIn, operandsIn, precisionIn, unary } from './operands.ts';
import { type At, after, before, sameAs, sameOrAfter, sameOrBefore } from './ordering.ts';
import { isListNode, pointTypeOfNode } from './static-kind.ts';
import type { OperatorCompiler, OperatorTable } from './types.ts';

/** A comparison of points and intervals to the precision of the node. */
function timing(compare: (left: Value, right: Value, at: At) => Truth): OperatorCompiler {
  return (node, compile, around) => {
    const at = precisionIn(node, around);
    const [left, right] = operandsIn(node);
    return compileBinary(compile(left), compile(right), (from, to) => compare(from, to, at));
  };
}

/** A relation of two intervals; null when either is none. */
function relation(relate: (left: Interval, right: Interval, at: At) => Truth): OperatorCompiler {
  return timing((left, right, at) =>
    left instanceof Interval && right instanceof Interval ? relate(left, right, at) : null,
  );
}

/** A relation of two intervals or of two lists, or of one of them and a point or element; null when either is null. */
function inclusion(
  intervals: (left: Interval, right: Interval, at: At) => Truth,
  lists: (left: readonly Value[], right: readonly Value[]) => Truth,
  point: (interval: Interval, point: Value, at: At) => Truth,
  element: (list: readonly Value[], element: Value) => Truth,
): (outer: Value, inner: Value, at: At) => Truth {
  return (outer, inner, at) => {
    if (outer instanceof Interval) {
      if (inner instanceof Interval) return intervals(outer, inner, at);
      return inner === null ? null : point(outer, inner, at);
    }
    if (!isList(outer)) return null;
    if (isList(inner)) return lists(outer, inner);
    return inner === null ? null : element(outer, inner);
  };
}

const includesEither = inclusion(includes, includesList, contains, (list, element) => inList(element, list));
const properIncludesEither = inclusion(properIncludes, properIncludesList, properContains, (list, element) =>
  properInList(element, list),
);

/** A point in an interval or an element in a list. What is in null is false; whether null is in an interval is not known. */
function membership(
  intervals: (interval: Interval, point: Value, at: At) => Truth,
  lists: (element: Value, list: readonly Value[]) => Truth,
): (whole: Value, part: Value, at: At) => Truth {
  return (whole, part, at) => {
    if (whole instanceof Interval) return intervals(whole, part, at);
    return isList(whole) ? lists(part, whole) : whole === null ? false : null;
  };
}

const isMember = membership(contains, inList);
const isProperMember = membership(properContains, properInList);

/** `Interval[low, high)`. Which bounds are closed is written down, or computed. */
const interval: OperatorCompiler = (node, compile) => {
  const [lowNode, highNode] = [nodeIn(node, 'low'), nodeIn(node, 'high')];
  const [low, high] = [compile(lowNode), compile(highNode)];
  const pointType = pointTypeOfNode(lowNode) ?? pointTypeOfNode(highNode);
  const [lowExpression, highExpression] = [nodeIn(node, 'lowClosedExpression'), nodeIn(node, 'highClosedExpression')];
  if (lowExpression || highExpression) {
    const [lowClosed, highClosed] = [compile(lowExpression), compile(highExpression)];
    const isLow = (value: Value) => (lowExpression ? value === true : node.lowClosed !== false);
    const isHigh = (value: Value) => (highExpression ? value === true : node.highClosed !== false);
    return folded(
      [low, high, lowClosed, highClosed],
      (frame) => new Interval(low(frame), high(frame), isLow(lowClosed(frame)), isHigh(highClosed(frame)), pointType),
    );
  }
  const [isLowClosed, isHighClosed] = [node.lowClosed !== false, node.highClosed !== false];
  return folded([low, high], (frame) => new Interval(low(frame), high(frame), isLowClosed, isHighClosed, pointType));
};

function width(value: Value): Value {
  if (!(value instanceof Interval)) return null;
  return isMeasured(value) ? subtract(value.end, value.start) : null;
}

/** Width and size are not defined for dates and times: those have durations. */
function isMeasured({ pointType }: Interval): boolean {
  return pointType !== 'Date' && pointType !== 'DateTime' && pointType !== 'Time';
}

function size(value: Value): Value {
  const span = width(value);
  if (span === null) return null;
  if (typeof span === 'number') return add(span, 1);
  if (typeof span === 'bigint') return add(span, 1n);
  const step = Decimal.of(1n);
  if (span instanceof Decimal) return add(span, step);
  return span instanceof Quantity && step ? add(span, new Quantity(step, span.unit)) : null;
}

/** The one point of an interval that has one; a fault for any other. */
const pointFrom: OperatorCompiler = (node, compile) => {
  const operand = compile(operandsIn(node)[0]);
  return (frame) => {
    const value = operand(frame);
    if (!(value instanceof Interval)) return null;
    if (sameAs(value.start, value.end, 0) === true) return value.start;
    throw new CqlFault('PointFrom of an interval of more than one point.', node.locator);
  };
};

/** Union, intersect and except, of lists or of intervals. `isList` is true when the text says that null stands for a list. */
function setOperator(
  lists: (left: Value, right: Value, isListText: boolean) => Value,
  intervals: (left: Interval, right: Interval) => Value,
): OperatorCompiler {
  return (node, compile) => {
    const nodes = operandsIn(node);
    const areLists = nodes.some(isListNode);
    const combine = (left: Value, right: Value): Value => {
      if (left instanceof Interval && right instanceof Interval) return intervals(left, right);
      return left instanceof Interval || right instanceof Interval ? null : lists(left, right, areLists);
    };
    const [first, ...rest] = nodes.map((operand) => compile(operand));
    if (!first) return () => null;
    return rest.reduce((left, right) => compileBinary(left, right, combine), first);
  };
}

/** The operand is a list and `per`. */
function withPer(compute: (source: Value, per: Value) => Value): OperatorCompiler {
  return binary(compute);
}

/** Source: CQL 1.5, Appendix B, "Interval Operators", and what lists share with them. */
export const intervals: OperatorTable = {
  Interval: interval,
  Start: unary((value) => (value instanceof Interval ? value.start : null)),
  End: unary((value) => (value instanceof Interval ? value.end : null)),
  Width: unary(width),
  Size: unary(size),
  PointFrom: pointFrom,
  Before: timing(before),
  After: timing(after),
  SameAs: timing(sameAs),
  SameOrBefore: timing(sameOrBefore),
  SameOrAfter: timing(sameOrAfter),
  Contains: timing(isMember),
  In: timing((part, whole, at) => isMember(whole, part, at)),
  ProperContains: timing(isProperMember),
  ProperIn: timing((part, whole, at) => isProperMember(whole, part, at)),
  Includes: timing(includesEither),
  IncludedIn: timing((inner, outer, at) => includesEither(outer, inner, at)),
  ProperIncludes: timing(properIncludesEither),
  ProperIncludedIn: timing((inner, outer, at) => properIncludesEither(outer, inner, at)),
  Overlaps: relation(overlaps),
  OverlapsBefore: relation(overlapsBefore),
  OverlapsAfter: relation(overlapsAfter),
  Meets: relation(meets),
  MeetsBefore: relation(meetsBefore),
  MeetsAfter: relation((left, right, at) => meetsBefore(right, left, at)),
  Starts: relation(starts),
  Ends: relation(ends),
  Union: setOperator(unionLists, unionIntervals),
  Intersect: setOperator(intersectLists, intersectIntervals),
  Except: setOperator(exceptLists, exceptInterval),
  Collapse: withPer(collapse),
  Expand: withPer(expand),
};

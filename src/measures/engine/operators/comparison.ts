import { equal, equivalent } from '../values/equality.ts';
import { less, lessOrEqual } from '../values/order.ts';
import type { Truth, Value } from '../values/types.ts';
import { not } from './logical.ts';
import { binary } from './operands.ts';
import type { OperatorTable } from './types.ts';

export function greater(left: Value, right: Value): Truth {
  return less(right, left);
}

export function greaterOrEqual(left: Value, right: Value): Truth {
  return lessOrEqual(right, left);
}

/** Source: CQL 1.5, Appendix B, "Comparison Operators". `Between` comes as two comparisons. */
export const comparison: OperatorTable = {
  Equal: binary(equal),
  NotEqual: binary((left, right) => not(equal(left, right))),
  Equivalent: binary(equivalent),
  Less: binary(less),
  LessOrEqual: binary(lessOrEqual),
  Greater: binary(greater),
  GreaterOrEqual: binary(greaterOrEqual),
};

import type { Code, CodeSystem, Concept, ValueSet } from './code.ts';
import type { CqlDate } from './date.ts';
import type { CqlDateTime } from './date-time.ts';
import type { Decimal } from './decimal.ts';
import type { Interval } from './interval.ts';
import type { ModelNode } from './model-node.ts';
import type { Quantity, Ratio } from './quantity.ts';
import type { CqlTime } from './time.ts';
import type { Tuple } from './tuple.ts';
import type { Uncertainty } from './uncertainty.ts';

/**
 * What CQL computes with. Every value is immutable, and `null` is the only way to say "not known".
 *
 * - `number` is an Integer and nothing else, `bigint` a Long, `Decimal` a Decimal: 1 and 1.0 behave differently in CQL.
 * - `Uncertainty` is what a duration between imprecise dates comes to: some integer between two. Comparisons and arithmetic take it
 *   wherever they take an Integer.
 * - `ModelNode` is an element of the record.
 * - `ValueSet` and `CodeSystem` are references to vocabularies, with their codes.
 *
 * Source: CQL 1.5, Appendix B, "Types".
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Decimal
  | CqlDateTime
  | CqlDate
  | CqlTime
  | Quantity
  | Ratio
  | Interval
  | Code
  | Concept
  | Tuple
  | Uncertainty
  | ValueSet
  | CodeSystem
  | ModelNode
  | readonly Value[];

/** True, false or unknown. */
export type Truth = boolean | null;

import { FhirElement } from '../../../src/measures/engine/model/element.ts';
import { Code } from '../../../src/measures/engine/values/code.ts';
import { CqlDateTime } from '../../../src/measures/engine/values/date-time.ts';
import { Decimal } from '../../../src/measures/engine/values/decimal.ts';
import { Interval } from '../../../src/measures/engine/values/interval.ts';
import { Tuple } from '../../../src/measures/engine/values/tuple.ts';
import type { Value } from '../../../src/measures/engine/values/types.ts';
import { Uncertainty } from '../../../src/measures/engine/values/uncertainty.ts';
import { flat } from '../../support/cql-execution/oracle.ts';

/** A value in the form that the oracle's answers have: see tests/support/cql-execution/oracle.ts. */
export function comparable(value: Value, referenceOf: (value: Value) => string | undefined): unknown {
  const inner = (item: Value) => comparable(item, referenceOf);
  if (value === null || typeof value !== 'object') return typeof value === 'bigint' ? Number(value) : value;
  if (Array.isArray(value)) return flat(value.map(inner));
  if (value instanceof FhirElement) return referenceOf(value) ?? 'other';
  if (value instanceof Interval)
    return { low: inner(value.low), high: inner(value.high), closed: [value.lowClosed, value.highClosed] };
  if (value instanceof Decimal) return Number(value.toString());
  if (value instanceof Uncertainty) return { low: value.low, high: value.high };
  if (value instanceof Code) return `${value.system}|${value.code}`;
  if (value instanceof Tuple)
    return Object.fromEntries(Object.entries(value.elements).map(([name, item]) => [name, inner(item)]));
  if (value instanceof CqlDateTime) return String(value);
  return String(value);
}

import { FhirElement } from '../../model/element.ts';
import { CqlDate } from '../../values/date.ts';
import { CqlDateTime } from '../../values/date-time.ts';
import { equalOrBothNull } from '../../values/equality.ts';
import { Tuple } from '../../values/tuple.ts';
import type { Value } from '../../values/types.ts';

/**
 * The values without those that are equal to an earlier one, in their order. Only values with the same key are compared, because rows of a query over
 * several sources are many.
 */
export function distinctValues(values: readonly Value[]): readonly Value[] {
  if (values.length < 2) return values;
  const kept: Value[] = [];
  const byKey = new Map<string, Value[]>();
  for (const value of values) {
    const key = keyOf(value);
    const alike = byKey.get(key);
    if (!alike) byKey.set(key, [value]);
    else if (alike.some((earlier) => equalOrBothNull(earlier, value) === true)) continue;
    else alike.push(value);
    kept.push(value);
  }
  return kept;
}

/** The same for any two values that are equal; it need not differ for those that are not. */
function keyOf(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `"${value}`;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' || typeof value === 'bigint') return `${value}`;
  if (value instanceof FhirElement) return value.key;
  // A Date and a DateTime may be equal; dates of the same day, in whatever zone, are few.
  if (value instanceof CqlDate || value instanceof CqlDateTime) return 'date';
  if (value instanceof Tuple) {
    let key = '';
    // A tuple with an element of null equals one without it, so nulls leave no trace.
    for (const name of Object.keys(value.elements).sort()) {
      const element = value.get(name);
      if (element !== null) key += `${name}:${keyOf(element)},`;
    }
    return key;
  }
  return typeof value;
}

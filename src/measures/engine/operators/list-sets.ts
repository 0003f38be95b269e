import { CqlDate } from '../values/date.ts';
import { CqlDateTime } from '../values/date-time.ts';
import { Decimal } from '../values/decimal.ts';
import { equalOrBothNull, isList } from '../values/equality.ts';
import type { Truth, Value } from '../values/types.ts';

type Key = string | number | bigint | boolean | null;

/** What stands for a value among values of its kind: two of them are equal exactly if their keys are. Undefined: no such key, ask `=`. */
function keyOf(value: Value): Key | undefined {
  if (value === null || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string')
    return value;
  if (value instanceof Decimal) return value.units;
  if (value instanceof CqlDate && value.precision === 3) return value.low;
  return value instanceof CqlDateTime && value.precision >= 6 ? value.low : undefined;
}

/** A growing list without duplicates; nulls are equal. Looks up in a table while every value has a key, and asks each else. */
export class DistinctList {
  readonly values: Value[] = [];
  readonly #keys = new Set<Key>();
  /** The kind of all values so far: keys of different kinds are never compared. */
  #kind: string | undefined;
  #isKeyed = true;

  /** Adds a value unless it is there. */
  add(value: Value): void {
    if (this.has(value)) return;
    this.values.push(value);
    const key = keyOf(value);
    if (key === undefined) this.#isKeyed = false;
    else this.#keys.add(key);
    this.#noteKind(value);
  }

  has(value: Value): boolean {
    const key = keyOf(value);
    if (key !== undefined && this.#isKeyed && (value === null || this.#isOfKind(value))) return this.#keys.has(key);
    return this.values.some((known) => known === value || equalOrBothNull(known, value) === true);
  }

  #isOfKind(value: Value): boolean {
    return this.#kind === undefined || this.#kind === kindOf(value);
  }

  #noteKind(value: Value): void {
    if (value === null) return;
    const kind = kindOf(value);
    if (this.#kind === undefined) this.#kind = kind;
    else if (this.#kind !== kind) this.#isKeyed = false;
  }
}

function kindOf(value: Value): string {
  return value instanceof CqlDate
    ? 'date'
    : value instanceof CqlDateTime
      ? 'time'
      : value instanceof Decimal
        ? 'decimal'
        : typeof value;
}

/** Duplicates by `=` go; of several nulls one stays. Source: CQL 1.5, Distinct. */
export function distinct(source: Value): Value {
  if (!isList(source)) return null;
  if (source.length < 2) return source;
  const result = new DistinctList();
  for (const value of source) result.add(value);
  return result.values.length === source.length ? source : result.values;
}

/** Source: CQL 1.5, Union (lists): null counts as an empty list. */
export function unionLists(left: Value, right: Value, areLists: boolean): Value {
  if (left === null && right === null) return areLists ? [] : null;
  const result = new DistinctList();
  for (const value of isList(left) ? left : []) result.add(value);
  for (const value of isList(right) ? right : []) result.add(value);
  return result.values;
}

/** Source: CQL 1.5, Intersect (lists). */
export function intersectLists(left: Value, right: Value): Value {
  if (!isList(left) || !isList(right)) return null;
  const result = new DistinctList();
  for (const value of left) if (inList(value, right)) result.add(value);
  return result.values;
}

/** Source: CQL 1.5, Except (lists): a second list of null counts as empty. */
export function exceptLists(left: Value, right: Value): Value {
  if (!isList(left)) return null;
  const result = new DistinctList();
  for (const value of left) if (!(isList(right) && inList(value, right))) result.add(value);
  return result.values;
}

/** Whether an element is in a list by `=`; null is in a list that holds a null. Source: CQL 1.5, In (lists). */
export function inList(element: Value, list: readonly Value[]): boolean {
  for (const value of list) if (value === element || equalOrBothNull(value, element) === true) return true;
  return false;
}

/** In the list, and not all that there is in it. */
export function properInList(element: Value, list: readonly Value[]): Truth {
  return inList(element, list) && list.some((value) => equalOrBothNull(value, element) !== true);
}

export function includesList(left: readonly Value[], right: readonly Value[]): Truth {
  return right.every((value) => inList(value, left));
}

export function properIncludesList(left: readonly Value[], right: readonly Value[]): Truth {
  return includesList(left, right) === true && !includesList(right, left);
}

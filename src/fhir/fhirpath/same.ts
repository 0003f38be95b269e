import { fhirPathEquals, type TypedValue } from '@medplum/core';

/**
 * The `=` of FHIRPath for two items (FHIRPath N1, 6.1): values of datatypes are equal when all of their elements are, wherever they stand and by
 * whatever name they were reached; quantities when number and unit are. For the rest as the engine has it.
 */
export function isEqual(one: TypedValue, other: TypedValue): boolean {
  const left = one.value?.valueOf();
  const right = other.value?.valueOf();
  if (isElement(left) && isElement(right)) return isEqualElement(left, right);
  return fhirPathEquals(one, other)[0]?.value === true;
}

/** `=` of collections: nothing when one of them is empty, else item by item in their order. */
export function areEqual(left: readonly TypedValue[], right: readonly TypedValue[]): boolean | undefined {
  if (left.length === 0 || right.length === 0) return undefined;
  return left.length === right.length && left.every((item, at) => isEqual(item, right[at] ?? nothing));
}

export function includes(items: readonly TypedValue[], wanted: TypedValue): boolean {
  return items.some((item) => isEqual(item, wanted));
}

const nothing: TypedValue = { type: 'undefined', value: undefined };

function isElement(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEqualElement(left: Record<string, unknown>, right: Record<string, unknown>): boolean {
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => name in right && isEqualValue(left[name], right[name]));
}

function isEqualValue(left: unknown, right: unknown): boolean {
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) && left.length === right.length && left.every((item, at) => isEqualValue(item, right[at]))
    );
  }
  if (isElement(left)) return isElement(right) && isEqualElement(left, right);
  return left === right;
}
